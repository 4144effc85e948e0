"""Which media type an Accept header prefers."""

import pytest

from chalicelib.api.accept import preferred

TYPES = ("application/json", "text/csv", "application/pdf", "text/plain")


@pytest.mark.parametrize(
    ("accept", "best"),
    [
        ("", "application/json"),
        ("text/html", "application/json"),
        ("text/html,application/xml;q=0.9,*/*;q=0.8", "application/json"),
        ("text/csv;q=0.1, application/pdf;q=0.9", "application/pdf"),
        ("application/json;q=0.1, application/pdf", "application/pdf"),
        ("application/pdf, text/csv", "application/pdf"),
        ("Text/CSV; charset=utf-8; Q=0.5, application/pdf;q=0.500", "text/csv"),
        ("text/csv;q=0, application/pdf;q=0.001", "application/pdf"),
        ("application/json;q=0, */*;q=0.5", "text/csv"),
        ("*/*, application/pdf;q=0.5", "application/json"),
        ("text/*", "text/csv"),
        ("text/plain, */*", "application/json"),
        ("text/plain, application/json", "application/json"),
        ("text/plain, application/pdf, */*", "application/pdf"),
        ("text/plain", "text/plain"),
        ("text/plain, */*;q=0.1", "text/plain"),
        ("application/json;q=0, text/plain;q=0", "application/json"),
    ],
)
def test_highest_weight_is_preferred(accept: str, best: str) -> None:
    assert preferred(accept, TYPES, last_resort="text/plain") == best

"""Trace headers: only valid ones are accepted, since they are stored with entries."""

import pytest

from chalicelib.observability.trace_headers import TraceHeader, parse

ROOT, PARENT = "1-5759e988-bd862e3fe1be46a994272793", "53995c3f42cd8ad8"
SAMPLED = f"Root={ROOT};Parent={PARENT};Sampled=1"


@pytest.mark.parametrize(
    ("text", "header", "stored"),
    [
        (SAMPLED, TraceHeader(ROOT, PARENT, sampled=True), SAMPLED),
        (f"{SAMPLED};Lineage={'a' * 5000}", TraceHeader(ROOT, PARENT, sampled=True), SAMPLED),
        (
            f"Sampled=0; Parent={PARENT}; Root={ROOT}",
            TraceHeader(ROOT, PARENT, sampled=False),
            f"Root={ROOT};Parent={PARENT};Sampled=0",
        ),
        (f"Self=1-2-3;Root={ROOT};Lineage=a:1", TraceHeader(ROOT), f"Root={ROOT}"),
        (f"Root={ROOT};Sampled=?", TraceHeader(ROOT), f"Root={ROOT}"),
        (f"Root={ROOT};Parent=Maria", TraceHeader(ROOT), f"Root={ROOT}"),
    ],
)
def test_header_parts_may_be_in_any_order(text: str, header: TraceHeader, stored: str) -> None:
    assert parse(text) == parse(str(header)) == header
    assert str(header) == stored


@pytest.mark.parametrize("text", [None, "", "Maria da Silva", ROOT, f"root={ROOT}"])
def test_other_text_is_not_a_header(text: str | None) -> None:
    assert parse(text) is None


@pytest.mark.parametrize(
    "root", ["1-5759e988-", f"{ROOT}0", f"{ROOT}\nx", f"{ROOT[:-1]}A", ROOT.replace("5", "٣")]
)
def test_root_has_the_digits_of_xray(root: str) -> None:
    assert parse(f"Root={root}") is None

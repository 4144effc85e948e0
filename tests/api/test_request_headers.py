"""Which media types and which idempotency keys are accepted."""

import pytest

from chalicelib.api.problems import UnsupportedMediaTypeError
from chalicelib.api.request_headers import idempotency_key, require_json
from chalicelib.ledger.errors import FieldError
from tests.api.requests import http_request


def require_json_of(*content_types: str) -> None:
    require_json(http_request("POST", headers={"content-type": content_types}))


@pytest.mark.parametrize(
    "content_type",
    [
        *("application/json", "Application/JSON", "application/json;charset=utf-8"),
        *('application/json; charset="UTF-8"', "application/json; profile=x"),
    ],
)
def test_json_in_utf_8_is_accepted(content_type: str) -> None:
    require_json_of(content_type)
    require_json_of()


@pytest.mark.parametrize(
    "content_type",
    [
        *("", "*/*", "text/plain", "text/json", "application/jsonx", "application/problem+json"),
        *("application/x-www-form-urlencoded", "application/json; charset=latin-1"),
        "application/json, text/plain",
    ],
)
def test_other_media_types_are_rejected(content_type: str) -> None:
    with pytest.raises(UnsupportedMediaTypeError, match="application/json"):
        require_json_of(content_type)


def key_and_errors(*values: str) -> tuple[str, list[str]]:
    field_errors: list[FieldError] = []
    key = idempotency_key(http_request(headers={"idempotency-key": values}), field_errors)
    return key, [field_error.field for field_error in field_errors]


def test_key_has_1_to_255_visible_characters() -> None:
    for key in ("k", "!~", "a" * 255, '"quoted"', "0b7e1f5c-1d0e-4e59"):
        assert key_and_errors(key) == (key, [])
    for values in ([], [""], ["a b"], ["a" * 256], ["a\t"], ["ç"], ["a\x7f"], ["a\n"], ["a", "a"]):
        assert key_and_errors(*values) == ("", ["Idempotency-Key"])

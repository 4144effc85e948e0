"""Which types of body and which idempotency keys are taken."""

import pytest

from chalicelib.api.exchange import WebRequest
from chalicelib.api.request_headers import demand_json, idempotency_key
from chalicelib.ledger.errors import FieldError, UnsupportedMediaTypeError


def request(**headers: list[str]) -> WebRequest:
    sent = {name.replace("_", "-"): values for name, values in headers.items()}
    return WebRequest("POST", "/", "/", "r", headers=sent)


@pytest.mark.parametrize(
    "said",
    [
        "application/json",
        "Application/JSON",
        "application/json;charset=utf-8",
        'application/json; charset="UTF-8"',
        "application/json; profile=x",
    ],
)
def test_json_in_utf_8_is_taken(said: str) -> None:
    demand_json(request(content_type=[said]))


def test_json_is_assumed_where_nothing_is_said() -> None:
    demand_json(request())


@pytest.mark.parametrize(
    "said",
    [
        "",
        "text/plain",
        "text/json",
        "application/jsonx",
        "application/problem+json",
        "application/x-www-form-urlencoded",
        "application/json; charset=latin-1",
        "application/json, text/plain",
        "*/*",
    ],
)
def test_every_other_type_is_refused(said: str) -> None:
    with pytest.raises(UnsupportedMediaTypeError, match="application/json"):
        demand_json(request(content_type=[said]))


@pytest.mark.parametrize("key", ["k", "!~", "a" * 255, '"quoted"', "0b7e1f5c-1d0e-4e59"])
def test_a_key_is_1_to_255_visible_ascii_characters(key: str) -> None:
    faults: list[FieldError] = []
    assert idempotency_key(request(idempotency_key=[key]), faults) == key
    assert not faults


@pytest.mark.parametrize(
    "values", [[], [""], ["a b"], ["a" * 256], ["a\t"], ["ç"], ["a\x7f"], ["a\n"], ["a", "a"]]
)
def test_what_is_no_single_key_is_a_fault_of_the_header(values: list[str]) -> None:
    faults: list[FieldError] = []
    assert idempotency_key(request(idempotency_key=values), faults) == ""
    assert [fault.field for fault in faults] == ["Idempotency-Key"]

"""Bodies that two readers could read in two ways, or that cost too much, are refused."""

import base64
import json
from typing import Any

import pytest

from chalicelib.ledger.errors import TooLarge, Unreadable
from chalicelib.web.exchange import WebRequest
from chalicelib.web.strict_json import json_body, parse


def request(body: str | bytes | None, is_base64: bool = False) -> WebRequest:
    return WebRequest("POST", "/", "/", "r", body=body, body_is_base64=is_base64)


@pytest.mark.parametrize("value", [{"a": [1, "ç", None, True]}, [], "text", 1.5, None])
def test_what_json_writes_is_read(value: Any) -> None:
    assert json_body(request(json.dumps(value))) == value
    assert json_body(request(json.dumps(value, ensure_ascii=False).encode())) == value


def test_base64_is_what_the_gateway_makes_of_other_types() -> None:
    assert json_body(request(base64.b64encode(b'{"a": 1}').decode(), True)) == {"a": 1}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (None, "there is none"),
        (b"", "there is none"),
        (b"{", "line 1, column 2"),
        (b'{"a": 1}}', "no JSON"),
        (b"{'a': 1}", "no JSON"),
        (b'{"a": 01}', "no JSON"),
        (b'{"a": 1,}', "no JSON"),
        (b'{"a": "\n"}', "no JSON"),
        (b'\xef\xbb\xbf{"a": 1}', "a byte order mark"),
        (b'{"a": "\xff"}', "no UTF-8 at byte 7"),
        ('{"a": "\ud800"}', "no UTF-8"),
        ('{"a": "\ufffd"}', "no UTF-8, or holds U\\+FFFD"),
        ('{"a": 1}'.encode("utf-16"), "no UTF-8"),
        (b'{"a": 1, "a": 1}', "a key twice"),
        (b'{"b": [{"a": 1, "\\u0061": 2}]}', "a key twice"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": -Infinity}', "-Infinity"),
        (b"[" * 200_000, "nests too deeply"),
        (b'{"a":' * 40_000, "nests too deeply"),
        (b'{"a": ' + b"9" * 200_000 + b"}", "too many digits"),
    ],
)
def test_what_cannot_be_read_in_one_way_is_refused(body: str | bytes | None, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        json_body(request(body))


def test_broken_base64_is_refused() -> None:
    with pytest.raises(Unreadable):
        json_body(request("%%%%", True))


def test_a_body_may_have_256_kib_and_no_more() -> None:
    longest = b'"' + b"a" * (262_144 - 2) + b'"'
    assert json_body(request(longest)) == "a" * (262_144 - 2)
    for one_more in (longest + b" ", (longest + b" ").decode(), base64.b64encode(longest + b" ")):
        with pytest.raises(TooLarge, match="256 KiB"):
            json_body(request(one_more, is_base64=one_more[:1] not in (b'"', '"')))


def test_what_is_far_too_long_is_not_even_decoded() -> None:
    with pytest.raises(TooLarge):
        json_body(request("%" * 3 * 262_144, True))


def test_a_float_beyond_all_floats_reads_and_is_no_number_for_a_model() -> None:
    assert parse("[1e400]") == [float("inf")]

"""Bodies that two readers could read differently, or that cost too much, are rejected."""

import base64
import json
from typing import Any

import pytest
from chalice.app import Request

from chalicelib.api.json_body import json_body, parse
from chalicelib.api.problems import BadRequestError, TooLargeError
from tests.api.requests import http_request

LIMIT = 256 * 1024


def request(body: str | bytes | None, is_base64: bool = False) -> Request:
    return http_request("POST", body=body, is_base64=is_base64)


@pytest.mark.parametrize("value", [{"a": [1, "ç", None, True]}, [], "text", 1.5, None])
def test_valid_json_is_read(value: Any) -> None:
    assert json_body(request(json.dumps(value))) == value
    assert json_body(request(json.dumps(value, ensure_ascii=False).encode())) == value


def test_base64_of_the_gateway_is_decoded() -> None:
    assert json_body(request(base64.b64encode(b'{"a": 1}').decode(), True)) == {"a": 1}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (None, "there is none"),
        (b"", "there is none"),
        (b"{", "line 1, column 2"),
        (b'{"a": 1}}', "not JSON"),
        (b"{'a': 1}", "not JSON"),
        (b'{"a": 01}', "not JSON"),
        (b'{"a": 1,}', "not JSON"),
        (b'{"a": "\n"}', "not JSON"),
        (b'\xef\xbb\xbf{"a": 1}', "a byte order mark"),
        (b'{"a": "\xff"}', "not UTF-8 at byte 7"),
        ('{"a": "\ud800"}', "not UTF-8"),
        ('{"a": "\ufffd"}', "not UTF-8, or contains U\\+FFFD"),
        ('{"a": 1}'.encode("utf-16"), "not UTF-8"),
        (b'{"a": 1, "a": 1}', "repeats a key"),
        (b'{"b": [{"a": 1, "\\u0061": 2}]}', "repeats a key"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": -Infinity}', "-Infinity"),
        (b"[" * 200_000, "nests too deeply"),
        (b'{"a":' * 40_000, "nests too deeply"),
        (b'{"a": ' + b"9" * 200_000 + b"}", "too many digits"),
    ],
)
def test_ambiguous_or_malformed_json_is_rejected(body: str | bytes | None, reason: str) -> None:
    with pytest.raises(BadRequestError, match=reason):
        json_body(request(body))


def test_broken_base64_is_rejected() -> None:
    with pytest.raises(BadRequestError):
        json_body(request("%%%%", True))


def test_body_has_at_most_256_kib() -> None:
    longest = b'"' + b"a" * (LIMIT - 2) + b'"'
    assert json_body(request(longest)) == "a" * (LIMIT - 2)
    for longer in (longest + b" ", (longest + b" ").decode(), base64.b64encode(longest + b" ")):
        with pytest.raises(TooLargeError, match="256 KiB"):
            json_body(request(longer, is_base64=longer[:1] not in (b'"', '"')))


def test_far_too_long_body_is_not_decoded() -> None:
    with pytest.raises(TooLargeError):
        json_body(request("%" * 3 * LIMIT, True))


def test_too_large_float_is_infinity() -> None:
    assert parse("[1e400]") == [float("inf")]

"""Bodies that two readers could read differently, or that cost too much, are rejected."""

import base64
import json
from typing import Any

import pytest

from chalicelib.api.json_body import json_body
from chalicelib.api.problems import BadRequestError, TooLargeError
from tests.api.requests import http_request

LIMIT = 256 * 1024


def read(body: str | bytes | None, is_base64: bool = False) -> Any:
    return json_body(http_request("POST", body=body, is_base64=is_base64))


@pytest.mark.parametrize("value", [{"a": [1, "ç", None, True]}, [], "text", 1.5, None])
def test_valid_json_is_read(value: Any) -> None:
    assert read(json.dumps(value)) == value
    assert read(json.dumps(value, ensure_ascii=False).encode()) == value


def test_base64_of_the_gateway_is_decoded() -> None:
    assert read(base64.b64encode(b'{"a": 1}').decode(), True) == {"a": 1}
    with pytest.raises(BadRequestError):
        read("%%%%", True)


@pytest.mark.usefixtures("deep_recursion")
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
        read(body)


def test_every_character_of_utf_8_is_accepted() -> None:
    for text in ("\ufffd", "\U0010ffff", "ã"):
        body = json.dumps({"a": text}, ensure_ascii=False).encode()
        assert read(body) == {"a": text}
        assert read(base64.b64encode(body).decode(), True) == {"a": text}


def test_body_has_at_most_256_kib() -> None:
    longest = b'"' + b"a" * (LIMIT - 2) + b'"'
    assert read(longest) == "a" * (LIMIT - 2)
    longer = longest + b" "
    for body in (longer, longer.decode()):
        with pytest.raises(TooLargeError, match="256 KiB"):
            read(body)
    for encoded in (base64.b64encode(longer), "%" * 3 * LIMIT):  # far too long is not decoded
        with pytest.raises(TooLargeError, match="256 KiB"):
            read(encoded, True)

"""A hostile body costs at most as much as five good ones, and is rejected as a problem.

Python's calls are counted, because they do not depend on the machine's load, as times would. Below
them runs the standard library's scanner, once over at most 256 KiB.
"""

import json
import sys
from typing import Any

import pytest

from tests.api.conftest import Deployed
from verification.kit.api_client import Response

SIZE = 250_000


def _padded(body: bytes) -> bytes:
    return body + b" " * (SIZE - len(body))


def _described(text: bytes, times: int) -> bytes:
    return b'{"type":"credit","amount":"1.00","description":"' + text * times + b'"}'


_TEXTS = {"description": "x" * 200, "metadata": {f"k{n}": "v" * 200 for n in range(20)}}
GOOD = _padded(json.dumps({"type": "credit", "amount": "150.75"} | _TEXTS).encode())

HOSTILE: dict[str, bytes] = {
    "1e400": _padded(b'{"type":"credit","amount":1e400}'),
    "1e400 as a string": _padded(b'{"type":"credit","amount":"1e400"}'),
    "NaN": _padded(b'{"type":"credit","amount":NaN}'),
    "an Arabic digit": _padded('{"type":"credit","amount":"٣"}'.encode()),
    "duplicate keys": b"{" + b",".join([b'"a":1'] * (SIZE // 6 - 1)) + b"}",
    "200,000 nested brackets": b"[" * 200_000,
    "nested objects": b'{"a":' * (SIZE // 5),
    "300 KiB": b" " * 300 * 1024,
    "empty objects": b"[" + b",".join([b"{}"] * (SIZE // 3 - 1)) + b"]",
    "unknown fields": b"{" + b",".join(b'"%d":1' % n for n in range(24_000)) + b"}",
    "a long integer": b'{"type":"credit","amount":' + b"9" * (SIZE - 27) + b"}",
    "a long fraction": b'{"type":"credit","amount":0.' + b"9" * (SIZE - 29) + b"}",
    "many numbers": b"[" + b",".join([b"1"] * (SIZE // 2 - 1)) + b"]",
    "a long description": _described(b"x", SIZE - 60),
    "combining marks": _described("\u0301\u0316".encode(), SIZE // 4 - 20),
    "lone surrogates": _described(b"\\ud800", SIZE // 6 - 20),
    "much metadata": json.dumps(
        {"type": "credit", "amount": "1.00", "metadata": {str(n): "" for n in range(20_000)}}
    ).encode(),
    "no UTF-8": b"\xff" * SIZE,
    "an open string": b'{"a":"' + b"x" * (SIZE - 10),
}


def calls_of_post(deployed: Deployed, body: bytes, key: str) -> tuple[int, Response]:
    calls = 0

    def count(_frame: Any, event: str, _what: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        response = deployed.client.post("/v1/entries", body, key)
    finally:
        sys.setprofile(None)
    return calls, response


@pytest.mark.usefixtures("deep_recursion")
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_body_costs_at_most_five_good(deployed: Deployed, name: str) -> None:
    deployed.client.post("/v1/entries", GOOD, "warm")
    good_calls, response = calls_of_post(deployed, GOOD, "k")
    assert response.status == 201
    assert len(HOSTILE[name]) <= SIZE or name == "300 KiB"
    calls, response = calls_of_post(deployed, HOSTILE[name], "h")
    assert response.status in (400, 413, 422)
    assert response.is_problem(response.status)
    assert len(response.text) < 20_000
    assert calls <= 5 * good_calls
    batch = b'{"entries":[' + HOSTILE[name] + b"]}"
    response = deployed.client.post("/v1/entries/batch", batch, key=None)
    (result,) = response.json.get("results", [{"status": response.status}])
    assert result["status"] in (400, 413, 422)


def test_problem_of_many_errors_stays_short(deployed: Deployed) -> None:
    response = deployed.client.post("/v1/entries", {f"{number:05}": 1 for number in range(900)})
    assert (response.status, len(response.json["errors"])) == (422, 102)
    assert len(deployed.client.post("/v1/entries", {"x" * 100_000: 1}).text) < 1000

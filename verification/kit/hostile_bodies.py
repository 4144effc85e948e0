"""Bodies made to cost much or to be read in two ways, each of a good body's size or less."""

import json

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

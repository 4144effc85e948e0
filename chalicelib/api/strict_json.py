"""A strict reader of JSON bodies (RFC 8259): what two readers could read in two ways is refused."""

import base64
import binascii
import itertools
import json
from collections.abc import Callable
from typing import Any, NoReturn

from chalicelib.api.exchange import WebRequest
from chalicelib.ledger.errors import BadRequestError, PayloadTooLargeError

BODY_LIMIT_BYTES = 256 * 1024
# Far beyond what any route takes, and few enough to look at each.
MOST_OBJECTS = 1000
MOST_MEMBERS = 1000
_REPLACEMENT = "\ufffd"


def json_body(request: WebRequest) -> Any:
    """Return the JSON value of a request's body; the types are json.loads'.

    Raises PayloadTooLargeError over 256 KiB, and BadRequestError where the body is missing, is no UTF-8 or no JSON,
    names a key twice, holds NaN or Infinity, nests too deeply, has a number of absurd length, or
    more objects or members than any route takes.
    """
    sent = _bytes(request)
    if not sent:
        raise BadRequestError("A JSON body is needed, and there is none.")
    try:
        text = sent.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequestError(f"The body is no UTF-8 at byte {error.start}.") from None
    if _REPLACEMENT in text:
        # A gateway puts it in the place of bytes that are no UTF-8, and an entry stays for ever.
        raise BadRequestError(
            "The body is no UTF-8, or holds U+FFFD, which JSON can write as \\ufffd."
        )
    if text.startswith("\ufeff"):
        raise BadRequestError(
            "The body begins with a byte order mark; JSON has none (RFC 8259, 8.1)."
        )
    return parse(text)


def parse(text: str) -> Any:
    """Return the value of a JSON text; raise BadRequestError as `json_body` does.

    All of it is one pass of the standard library's scanner, which leaves an over-nested text at
    the interpreter's recursion limit, and an over-long integer at its limit of digits.
    """
    # Nearly no text has that many braces, and then nobody needs to count its objects.
    read = _read_few if text.count("{") <= MOST_OBJECTS else _reader(_counted())
    try:
        return read(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise BadRequestError(f"The body is no JSON: {error.msg} at {place}.") from None
    except RecursionError:
        raise BadRequestError("The body nests too deeply.") from None
    except ValueError:
        raise BadRequestError("The body holds a number with too many digits.") from None


def _bytes(request: WebRequest) -> bytes:
    body = request.body or b""
    # Four characters of base64 are three bytes: what is far too long is not even decoded.
    if len(body) > 2 * BODY_LIMIT_BYTES:
        raise _too_large()
    sent = body if isinstance(body, bytes) else _encoded(body, request.body_is_base64)
    if len(sent) > BODY_LIMIT_BYTES:
        raise _too_large()
    return sent


def _encoded(body: str, is_base64: bool) -> bytes:
    try:
        return base64.b64decode(body, validate=True) if is_base64 else body.encode("utf-8")
    except (binascii.Error, UnicodeEncodeError):
        raise BadRequestError("The body is no UTF-8.") from None


def _too_large() -> PayloadTooLargeError:
    return PayloadTooLargeError(f"A body may have {BODY_LIMIT_BYTES // 1024} KiB at most.")


def _counted() -> Callable[[list[tuple[str, Any]]], dict[str, Any]]:
    numbers = itertools.count(1)

    def made(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if next(numbers) > MOST_OBJECTS:
            raise _too_many()
        return _object(pairs)

    return made


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MOST_MEMBERS:
        raise _too_many()
    read = dict(pairs)
    if len(read) != len(pairs):
        raise BadRequestError("The body names a key twice in one object.")
    return read


def _too_many() -> BadRequestError:
    return BadRequestError(f"The body has over {MOST_OBJECTS} objects, or one has as many members.")


def _constant(name: str) -> NoReturn:
    raise BadRequestError(f"The body holds {name}, which is no JSON.")


def _reader(made: Callable[[list[tuple[str, Any]]], dict[str, Any]]) -> Callable[[str], Any]:
    return json.JSONDecoder(object_pairs_hook=made, parse_constant=_constant).decode


_read_few = _reader(_object)

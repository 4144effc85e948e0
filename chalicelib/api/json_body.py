"""Bodies: files as bytes, and JSON strictly (RFC 8259), as no two readers differ on it."""

import base64
import binascii
import itertools
import json
from collections.abc import Callable
from typing import Any, NoReturn

from chalice.app import Request

from chalicelib.api.http import is_base64, raw_body
from chalicelib.api.problems import BadRequestError, TooLargeError

BODY_LIMIT_BYTES = 256 * 1024
_LIMITS = f"{BODY_LIMIT_BYTES // 1024} KiB"
# Far more than any endpoint accepts, and few enough to check each.
MAX_OBJECTS = 1000
MAX_MEMBERS = 1000


def json_body(request: Request) -> Any:
    """Return the JSON value of a request's body; the types are json.loads'.

    Raises TooLargeError over 256 KiB, and BadRequestError if the body is missing, is not UTF-8 or
    not JSON, repeats a key, contains NaN or Infinity, nests too deeply, has a number with too many
    digits, or more objects or members than any endpoint accepts.
    """
    sent = _bytes(raw_body(request), is_base64(request))
    if not sent:
        raise BadRequestError("A JSON body is needed, and there is none.")
    try:
        text = sent.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequestError(f"The body is not UTF-8 at byte {error.start}.") from None
    if text.startswith("\ufeff"):
        raise BadRequestError(
            "The body begins with a byte order mark; JSON has none (RFC 8259, 8.1)."
        )
    return parse(text)


def file_body(request: Request, limit_bytes: int, limits: str) -> bytes:
    """Return the bytes of a request's body, which is a file.

    Raises TooLargeError, which names the `limits`, and BadRequestError if there is no body.
    """
    sent = _bytes(raw_body(request), is_base64(request), limit_bytes, limits)
    if not sent:
        raise BadRequestError("The body must be the file, and is empty.")
    return sent


def parse(text: str) -> Any:
    """Return the value of a JSON text; raise BadRequestError as `json_body` does.

    The standard library's scanner reads the text in one pass; it stops at the interpreter's
    recursion limit, and at its limit of digits in an integer.
    """
    # Few texts have that many braces; without them there is nothing to count.
    read = _read_few if text.count("{") <= MAX_OBJECTS else _reader(_object_counter())
    try:
        return read(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise BadRequestError(f"The body is not JSON: {error.msg} at {place}.") from None
    except RecursionError:
        raise BadRequestError("The body nests too deeply.") from None
    except ValueError:
        raise BadRequestError("The body contains a number with too many digits.") from None


def _bytes(
    body: str | bytes, is_base64: bool, limit: int = BODY_LIMIT_BYTES, limits: str = _LIMITS
) -> bytes:
    # Four characters of base64 are three bytes: a body that is far too long is not even decoded.
    sent = body if isinstance(body, bytes) else b""
    if len(body) <= 2 * limit and not isinstance(body, bytes):
        sent = _encoded(body, is_base64)
    if len(body) > 2 * limit or len(sent) > limit:
        raise TooLargeError(f"A body may have at most {limits}.")
    return sent


def _encoded(body: str, is_base64: bool) -> bytes:
    try:
        return base64.b64decode(body, validate=True) if is_base64 else body.encode("utf-8")
    except (binascii.Error, UnicodeEncodeError):
        raise BadRequestError("The body is not UTF-8.") from None


def _object_counter() -> Callable[[list[tuple[str, Any]]], dict[str, Any]]:
    numbers = itertools.count(1)

    def counted_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if next(numbers) > MAX_OBJECTS:
            raise _too_many()
        return _object(pairs)

    return counted_object


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MAX_MEMBERS:
        raise _too_many()
    members = dict(pairs)
    if len(members) != len(pairs):
        raise BadRequestError("The body repeats a key in one object.")
    return members


def _too_many() -> BadRequestError:
    return BadRequestError(
        f"The body has more than {MAX_OBJECTS} objects, or one has more members than that."
    )


def _constant(name: str) -> NoReturn:
    raise BadRequestError(f"The body contains {name}, which is not JSON.")


def _reader(make: Callable[[list[tuple[str, Any]]], dict[str, Any]]) -> Callable[[str], Any]:
    return json.JSONDecoder(object_pairs_hook=make, parse_constant=_constant).decode


_read_few = _reader(_object)

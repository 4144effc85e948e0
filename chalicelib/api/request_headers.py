"""The request headers that views look at: the body's type, and the idempotency key."""

import re

from chalicelib.api.exchange import WebRequest
from chalicelib.ledger.errors import FieldError, UnsupportedMediaTypeError

IDEMPOTENCY_KEY = "Idempotency-Key"
KEY_PATTERN = "[\\x21-\\x7e]{1,255}"
KEY_RULE = "must be 1 to 255 visible ASCII characters, without spaces"
_KEY = re.compile(KEY_PATTERN, re.ASCII)


def demand_json(request: WebRequest) -> None:
    """Raise UnsupportedMediaTypeError unless the body is said to be JSON in UTF-8, or nothing is said.

    The type is compared without case, and may carry `charset=utf-8` (RFC 9110, section 8.3).
    """
    said = request.header("content-type")
    if said is None:
        return
    media_type, *parameters = (part.strip().lower() for part in said.split(";"))
    charsets = [part.partition("=")[2].strip('" ') for part in parameters if part[:7] == "charset"]
    if media_type != "application/json" or any(name != "utf-8" for name in charsets):
        raise UnsupportedMediaTypeError("The body must be sent as Content-Type: application/json.")


def idempotency_key(request: WebRequest, faults: list[FieldError]) -> str:
    """Return the request's Idempotency-Key; add a fault, and return "", where it is none."""
    values = request.headers.get("idempotency-key", ())
    if len(values) == 1 and is_key(values[0]):
        return values[0]
    message = KEY_RULE if values else f"is missing; it {KEY_RULE}"
    faults.append(FieldError(IDEMPOTENCY_KEY, "is sent twice" if len(values) > 1 else message))
    return ""


def is_key(text: str) -> bool:
    """Say whether a text can be an idempotency key: 1 to 255 visible ASCII characters."""
    return _KEY.fullmatch(text) is not None

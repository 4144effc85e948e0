"""The request headers that endpoints use: the body's media type, and the idempotency key."""

import re
from collections.abc import Sequence

from chalice.app import Request

from chalicelib.api.http import header, header_values
from chalicelib.api.problems import UnsupportedEncodingError, UnsupportedMediaTypeError
from chalicelib.ledger.errors import FieldError

IDEMPOTENCY_KEY = "Idempotency-Key"
KEY_PATTERN = "[\\x21-\\x7e]{1,255}"
KEY_RULE = "must be 1 to 255 visible ASCII characters, without spaces"
_KEY = re.compile(KEY_PATTERN, re.ASCII)


def require_json(request: Request) -> None:
    """Raise UnsupportedMediaTypeError for a Content-Type other than JSON in UTF-8.

    The type is compared without case, and may carry `charset=utf-8` (RFC 9110, section 8.3).
    Without the header, JSON is assumed. Raises UnsupportedEncodingError for a Content-Encoding
    other than identity, whatever the bytes of the body are.
    """
    _require_no_coding(request)
    content_type = header(request, "content-type")
    if content_type is None:
        return
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    charsets = [part.partition("=")[2].strip('" ') for part in parameters if part[:7] == "charset"]
    if media_type != "application/json" or any(name != "utf-8" for name in charsets):
        raise UnsupportedMediaTypeError("The body must be sent as Content-Type: application/json.")


def require_media_type(request: Request, media_types: Sequence[str]) -> None:
    """Raise UnsupportedMediaTypeError for a Content-Type that is not one of these.

    Parameters, such as the charset, are ignored, and so is the absence of the header. Raises
    UnsupportedEncodingError for a Content-Encoding other than identity.
    """
    _require_no_coding(request)
    content_type = header(request, "content-type")
    if content_type and content_type.partition(";")[0].strip().lower() not in media_types:
        raise UnsupportedMediaTypeError(
            f"The body must be sent as Content-Type: {', '.join(media_types)}."
        )


def _require_no_coding(request: Request) -> None:
    codings = ",".join(header_values(request, "content-encoding")).split(",")
    if any(coding.strip().lower() not in ("", "identity") for coding in codings):
        raise UnsupportedEncodingError("The body must be sent without a Content-Encoding.")


def idempotency_key(request: Request, field_errors: list[FieldError]) -> str:
    """Return the Idempotency-Key; if it is missing or invalid, add a field error and return ""."""
    values = header_values(request, "idempotency-key")
    if len(values) == 1 and is_key(values[0]):
        return values[0]
    message = KEY_RULE if values else f"is missing; it {KEY_RULE}"
    field_errors.append(
        FieldError(IDEMPOTENCY_KEY, "is sent twice" if len(values) > 1 else message)
    )
    return ""


def is_key(text: str) -> bool:
    """Say whether a text can be an idempotency key: 1 to 255 visible ASCII characters."""
    return _KEY.fullmatch(text) is not None

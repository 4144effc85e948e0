"""Pages of a list: their parameters, their length, and the link to the next one (RFC 8288)."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

from pydantic import Field, PlainValidator

from chalicelib.api.fields import reject, rule
from chalicelib.api.http import Response, encode, with_header

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
PAGE_BYTES = 4 * 1024 * 1024
"""How long the items of a page may be in Lambda's response, which may have 6 MB in all.

It contains the body as a JSON string, and some of Lambda's runtimes escape all but ASCII in it.
"""
_ESCAPED_CHARACTER = 12  # bytes at most: two UTF-16 surrogates, "\\ud83c\\udf5e"
_LIMIT = re.compile("[1-9][0-9]{0,2}", re.ASCII)


def _limit(text: str) -> int:
    if not _LIMIT.fullmatch(text) or int(text) > MAX_LIMIT:
        reject(f"must be a whole number from 1 to {MAX_LIMIT}")
    return int(text)


Limit = Annotated[
    int,
    PlainValidator(rule(_limit), json_schema_input_type=Annotated[int, Field(ge=1, le=MAX_LIMIT)]),
]
Cursor = Annotated[str | None, Field(description="The `next_cursor` of the previous page.")]


def fitting(items: Sequence[Any], room: int = PAGE_BYTES) -> int:
    """Return how many of the items one page holds: at least one, and at most `room` bytes."""
    if len(encode(items)) * _ESCAPED_CHARACTER <= room:
        return len(items)
    left = room
    for number, item in enumerate(items):
        left -= len(json.dumps(encode(item)))
        if left < 0:
            return max(number, 1)
    return len(items)


def with_next_link(
    response: Response, query: Mapping[str, Sequence[str]], cursor: str | None
) -> Response:
    """Return the response with the Link header of the next page, if there is one.

    The link is the same query with the next page's cursor. The reference is relative to the page
    (RFC 3986, section 5.2), so that it holds under any host, stage and base path.
    """
    if cursor is None:
        return response
    parameters = {name: values[-1] for name, values in query.items() if name != "cursor"}
    return with_header(
        response, "Link", f'<?{urlencode({**parameters, "cursor": cursor})}>; rel="next"'
    )

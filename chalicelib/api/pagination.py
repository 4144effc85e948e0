"""Pages of a list: the parameters of a page, and the link to the next one (RFC 8288)."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated
from urllib.parse import urlencode

from pydantic import Field, PlainValidator

from chalicelib.api.fields import reject, rule
from chalicelib.api.http import Response, with_header

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
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

"""Pages of a list: the link to the next one (RFC 8288)."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode


def next_link(query: Mapping[str, Sequence[str]], cursor: str) -> str:
    """Return the Link header of the next page: the same query with the cursor of that page.

    The reference is relative to the page itself (RFC 3986, section 5.2), so that it holds under
    every host, stage and base path that the service is reached by.
    """
    kept = {name: values[-1] for name, values in query.items() if name != "cursor"}
    return f'<?{urlencode({**kept, "cursor": cursor})}>; rel="next"'

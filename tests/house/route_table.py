"""README's table of routes and their scopes."""

import re
from functools import cache

from tests.house.source import ROOT

_ROUTE = re.compile(r"`([A-Z]+) (/[^`]*)`")
_PARAMETER = re.compile(r"\{\w+\}")
NO_SCOPE = "–"


@cache
def documented_scopes() -> dict[tuple[str, str], str | None]:
    """Return the scope of each method and path, None where no token is needed.

    Path parameters are written `{}`, whatever their names.
    """
    rows = (line.split("|") for line in (ROOT / "README.md").read_text("utf-8").splitlines())
    return {
        (method, without_names(path)): None if row[2].strip() == NO_SCOPE else row[2].strip()
        for row in rows
        if len(row) == 5
        for method, path in _ROUTE.findall(row[1])
    }


def without_names(path: str) -> str:
    """Return a path with its parameters as `{}`."""
    return _PARAMETER.sub("{}", path)

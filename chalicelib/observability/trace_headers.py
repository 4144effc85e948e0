"""The trace header of AWS X-Ray (X-Amzn-Trace-Id): who called, and whether anybody looks.

AWS X-Ray developer guide, "Tracing header". What a stranger sends is taken for a header only where
it has exactly that form, because it is stored with entries and comes back in traces and logs.
"""

import re
from typing import NamedTuple

_ROOT = re.compile(r"1-[0-9a-f]{8}-[0-9a-f]{24}", re.ASCII)
_PARENT = re.compile(r"[0-9a-f]{16}", re.ASCII)


class TraceHeader(NamedTuple):
    """A trace's id, the segment in it that called, and whether the trace is kept.

    `sampled` is None where that has not been decided.
    """

    root: str
    parent: str | None = None
    sampled: bool | None = None

    def __str__(self) -> str:
        """Return the header's text."""
        parts = [f"Root={self.root}"]
        parts += [] if self.parent is None else [f"Parent={self.parent}"]
        parts += [] if self.sampled is None else [f"Sampled={int(self.sampled)}"]
        return ";".join(parts)


def parse(text: str | None) -> TraceHeader | None:
    """Return the header that a text is, None for any other text; further parts are left out."""
    if not text:
        return None
    pairs = (part.strip().partition("=") for part in text.split(";"))
    result = {name: said for name, _, said in pairs}
    root, parent = result.get("Root", ""), result.get("Parent", "")
    if not _ROOT.fullmatch(root):
        return None
    sampled = {"1": True, "0": False}.get(result.get("Sampled", ""))
    return TraceHeader(root, parent if _PARENT.fullmatch(parent) else None, sampled)

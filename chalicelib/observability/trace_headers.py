"""The trace header of AWS X-Ray (X-Amzn-Trace-Id): the caller's trace, and whether it is sampled.

AWS X-Ray developer guide, "Tracing header". A client's header is accepted only in exactly that
form, because it is stored with entries and written to traces and logs.
"""

import re
from typing import NamedTuple

_ROOT = re.compile(r"1-[0-9a-f]{8}-[0-9a-f]{24}", re.ASCII)
_PARENT = re.compile(r"[0-9a-f]{16}", re.ASCII)


class TraceHeader(NamedTuple):
    """A trace's id, its segment that called, and whether the trace is sampled (None: undecided)."""

    root: str
    parent: str | None = None
    sampled: bool | None = None

    def __str__(self) -> str:
        """Return the header as text."""
        parts = [f"Root={self.root}"]
        parts += [] if self.parent is None else [f"Parent={self.parent}"]
        parts += [] if self.sampled is None else [f"Sampled={int(self.sampled)}"]
        return ";".join(parts)


def parse(text: str | None) -> TraceHeader | None:
    """Parse a header, without its further parts; return None for any other text."""
    if not text:
        return None
    pairs = (part.strip().partition("=") for part in text.split(";"))
    parts = {name: value for name, _, value in pairs}
    root, parent = parts.get("Root", ""), parts.get("Parent", "")
    if not _ROOT.fullmatch(root):
        return None
    sampled = {"1": True, "0": False}.get(parts.get("Sampled", ""))
    return TraceHeader(root, parent if _PARENT.fullmatch(parent) else None, sampled)

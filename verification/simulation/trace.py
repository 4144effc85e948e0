"""The trace of a scenario: every action, call, response and store's content, without code names.

A refactoring must not change the traces, so nothing in them comes from an identifier: labels are
literals (actions in action_table, Fate in faults, ports in stores, REJECTIONS in merchants), and
content is what reaches a store, by wire names or (objects) by position. The order of keys in a
mapping and of members in a set does not matter. Texts for people (why a record is a dead letter)
are left out.

The digests of the first 200 seeds are saved in trace_digests.json:

    python -m verification.simulation --traces check    replay all, and name the first that differs
    python -m verification.simulation --traces save     save them after a deliberate change
    python -m verification.simulation --seed 7 --trace FILE    write one out to compare versions

Save them only in a commit that changes behaviour on purpose. If every seed differs, suspect a
changed literal: a label, or the name of a random source (World.chance).
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Set
from dataclasses import fields, is_dataclass
from datetime import date
from pathlib import Path

SAVED_SEEDS = 200
SAVED_DIGESTS = Path(__file__).with_name("trace_digests.json")


class Trace:
    """All lines of a scenario so far; `listener` receives each label and the first value.

    If `is_kept` is False, no line is kept.
    """

    def __init__(self) -> None:
        self.is_kept = True
        self.lines: list[str] = []
        self.listener: Callable[[str, object], None] = lambda label, content: None

    def add(self, label: str, *content: object) -> None:
        """Add a line: a literal label, and plain values."""
        if self.is_kept:
            self.lines.append(f"{label} {_ENCODER.encode(content)}")
        self.listener(label, content[0])

    def digest(self) -> str:
        """Return the SHA-256 digest of all lines, in hexadecimal digits."""
        digest = hashlib.sha256()
        for line in self.lines:
            digest.update(f"{line}\n".encode())
        return digest.hexdigest()


def parsed(text: str) -> object:
    """Return the value of a JSON text, so that the order of its keys does not matter."""
    parsed_text: object = json.loads(text)
    return parsed_text


def saved_digests() -> list[str]:
    """Return the saved digests of seeds 0 to 199."""
    digests: list[str] = json.loads(SAVED_DIGESTS.read_text())
    return digests


def save_digests(digests: Mapping[int, str]) -> None:
    """Save the digests of seeds 0 to 199."""
    lines = [digests[seed] for seed in range(SAVED_SEEDS)]
    SAVED_DIGESTS.write_text(json.dumps(lines, indent=0) + "\n")


def differing_seeds(digests: Mapping[int, str]) -> list[int]:
    """Return the seeds whose digest is missing or is not the saved one."""
    return [seed for seed, digest in enumerate(saved_digests()) if digests.get(seed) != digest]


def _plain(content: object) -> object:
    """Return a JSON value for dates, bytes, mappings, sets and dataclasses, or raise TypeError."""
    if isinstance(content, date):  # or a moment
        return content.isoformat()
    if isinstance(content, bytes):
        return content.decode(errors="backslashreplace")
    if isinstance(content, Mapping):
        return dict(content)
    if isinstance(content, Set):
        return sorted(content)
    if is_dataclass(content):
        return [getattr(content, column.name) for column in fields(content)]
    raise TypeError(f"A trace holds plain values alone, and not {type(content).__name__}.")


_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, default=_plain)

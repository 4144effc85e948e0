"""How closings stand towards what was accepted, what the routes answer, and verify.py's checks."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.paths import PROJECT

Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kept:
    """What the bucket keeps of a merchant, in the order of the chain: closings and their leaves."""

    closings: Sequence[Item]
    leaves: Sequence[Item]

    def newest(self) -> dict[str, list[Item]]:
        """Return the leaves of each day's newest closing."""
        return {leaves["day"]: leaves["items"] for leaves in self.leaves}


@dataclass(frozen=True, slots=True)
class Answered:
    """What the routes answer of a day: its status, its versions, the newest one's leaves."""

    status: str
    versions: Sequence[Item]
    leaves: Sequence[Item]


def misfits(
    accepted: Mapping[str, set[str]], kept: Kept, answered: Mapping[str, Answered]
) -> Iterator[str]:
    """Yield how closings differ from what was accepted, by day, and from what is answered."""
    newest = kept.newest()
    yield from (f"{day} must have a closing" for day in sorted(accepted.keys() - newest.keys()))
    for day, leaves in sorted(newest.items()):
        if sorted(leaf["entry"] for leaf in leaves) != sorted(accepted.get(day, ())):
            yield f"the newest closing of {day} must hold what was accepted of that day"
        of_day = [one for one in kept.closings if one["day"] == day]
        if answered[day].versions != of_day[::-1] or answered[day].leaves != leaves:
            yield f"{day} must be answered as it is kept under retention"
        if answered[day].status != "closed":
            yield f"{day} must be closed, and is {answered[day].status}"
    for closing in kept.closings:
        named = f"version {closing['version']} of {closing['day']}"
        if closing["changes"] and not closing["changes"]["added"]:
            yield f"{named} must not be, for nothing had changed"
        if closing["repairs"]:
            yield f"{named} must have found nothing to repair"


def verified(merchant: str, keys: Item, kept: Kept) -> list[str]:
    """Return what verify.py finds wrong, given every closing, all leaves, the head and the keys."""
    given = {
        "keys": [keys],
        "closings": kept.closings,
        "leaves": kept.leaves,
        "head": kept.closings[-1:],
    }
    words = [sys.executable, str(PROJECT / "verify.py"), "--merchant", merchant, "--since", "1"]
    with tempfile.TemporaryDirectory(prefix="livro-proof-") as folder:
        for option, answers in given.items():
            names = [Path(folder) / f"{option}-{number}.json" for number in range(len(answers))]
            for name, answer in zip(names, answers, strict=True):
                name.write_text(json.dumps(answer), encoding="utf-8")
            words += [f"--{option}", *map(str, names)]
        ran = subprocess.run(words, capture_output=True, text=True, check=False)
    if ran.returncode == 0:
        return []
    text = [line for line in ran.stdout.splitlines() if line.startswith("FAILS")]
    return text or [f"verify.py ended {ran.returncode}: {ran.stderr[-500:]}"]

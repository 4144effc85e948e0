"""Who descends from whom among the running processes: from /proc on Linux, else from `ps`."""

import subprocess
from collections import defaultdict
from pathlib import Path


def descendants(ancestor: int) -> list[int]:
    """Answer the process ids of all children, grandchildren and so on of a process."""
    children: dict[int, list[int]] = defaultdict(list)
    for one, parent in _all_with_parents():
        children[parent].append(one)
    result: list[int] = []
    waiting = [ancestor]
    while waiting:
        offspring = children[waiting.pop()]
        result += offspring
        waiting += offspring
    return result


def _all_with_parents() -> list[tuple[int, int]]:
    if Path("/proc/self/stat").exists():
        return [pair for entry in Path("/proc").iterdir() if (pair := _from_proc(entry))]
    listing = subprocess.run(
        ["ps", "-axo", "pid=,ppid="], capture_output=True, text=True, check=True
    )
    pairs = (line.split() for line in listing.stdout.splitlines())
    return [(int(one), int(parent)) for one, parent in pairs]


def _from_proc(entry: Path) -> tuple[int, int] | None:
    if not entry.name.isdigit():
        return None
    try:
        stat = (entry / "stat").read_text()
    except OSError:  # it ended while we looked
        return None
    # The command's name stands in brackets and may hold spaces and brackets itself (proc(5)).
    return int(entry.name), int(stat.rpartition(")")[2].split()[1])

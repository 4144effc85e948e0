"""Reads planted faults from their TOML files, and applies one to a copy of the project."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).with_name("faults")
CORE = Path(__file__).with_name("core.txt")
_KEYS = {"name", "file", "old", "new", "tests"}


class FaultError(Exception):
    """A fault is described wrongly, or no longer applies to the code."""


@dataclass(frozen=True)
class Fault:
    """One mistake: `old` becomes `new` in `file`, and `tests` (files or node ids) must fail."""

    package: str
    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


def load_faults(folder: Path = FOLDER) -> list[Fault]:
    """Return all faults, by file name and then in the order of the file.

    Raises FaultError for a missing or unknown key, an empty value, or a name that is used twice.
    """
    faults = [fault for path in sorted(folder.glob("*.toml")) for fault in _faults_of(path)]
    names = [fault.name for fault in faults]
    for name in names:
        if names.count(name) > 1:
            raise FaultError(f'Two faults are named "{name}"; each needs its own name.')
    return faults


def select_faults(text: str, is_all: bool = False) -> list[Fault]:
    """Return the core faults, all faults, or those with `text` in package, file or name.

    Raises FaultError when there are none, or when the core names a fault that does not exist.
    """
    faults = load_faults()
    if not (text or is_all):
        core = core_names(faults)
        return [fault for fault in faults if fault.name in core]
    selected = [
        fault
        for fault in faults
        if text.lower() in f"{fault.package} {fault.file} {fault.name}".lower()
    ]
    if not selected:
        raise FaultError(f'No fault has "{text}" in its package, file or name; see --all --list.')
    return selected


def core_names(faults: list[Fault], path: Path = CORE) -> set[str]:
    """Return the names in core.txt. Raises FaultError for a name that no fault has."""
    lines = path.read_text("utf-8").splitlines()
    names = {line.strip() for line in lines if line.strip() and not line.startswith("#")}
    if unknown := sorted(names - {fault.name for fault in faults}):
        raise FaultError(f"core.txt lists names that no fault has: {'; '.join(unknown)}")
    return names


def _faults_of(path: Path) -> Iterator[Fault]:
    for described in tomllib.loads(path.read_text("utf-8"))["fault"]:
        place = f'{path.name}, "{described.get("name", "a fault without a name")}"'
        if set(described) != _KEYS:
            raise FaultError(f"{place}: the keys must be {', '.join(sorted(_KEYS))}.")
        yield _fault(path.stem, described, place)


def _fault(package: str, described: dict[str, Any], place: str) -> Fault:
    if not (described["name"] and described["old"] and described["tests"]):
        raise FaultError(f"{place}: name, old and tests must not be empty.")
    if described["old"] == described["new"]:
        raise FaultError(f"{place}: old and new are the same text.")
    return Fault(package, **{**described, "tests": tuple(described["tests"])})


def faulty_text(fault: Fault, root: Path = ROOT) -> str:
    """Return the text of the fault's file with the fault applied.

    Raises FaultError when the file or a test file is missing, when `old` does not occur exactly
    once, or when the result is not valid Python (in a `.py` file).
    """
    for needed in (fault.file, *(test.partition("::")[0] for test in fault.tests)):
        if not (root / needed).is_file():
            raise FaultError(f'"{fault.name}" names {needed}, which does not exist.')
    text = (root / fault.file).read_text("utf-8")
    if text.count(fault.old) != 1:
        raise FaultError(
            f'"{fault.name}" does not apply: its old text must occur exactly once in {fault.file}, '
            f"and occurs {text.count(fault.old)} times."
        )
    changed = text.replace(fault.old, fault.new)
    if fault.file.endswith(".py"):
        _check_syntax(fault, changed)
    return changed


def _check_syntax(fault: Fault, text: str) -> None:
    try:
        compile(text, fault.file, "exec")
    except SyntaxError as error:
        raise FaultError(f'"{fault.name}" makes {fault.file} invalid Python: {error}.') from None

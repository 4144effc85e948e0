"""The stages: one TOML file each in `stages/`, saying how large it is and how well guarded."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infrastructure.sizes import SIZES, Size

FOLDER = Path(__file__).with_name("stages")


class StageFaulty(Exception):
    """A stage's file is missing or says what cannot be; the message says what would be right."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage as its file describes it.

    `protected` stages refuse to be destroyed, and each store of theirs by itself as well.
    `password_sign_in` lets people trade a password for tokens in one plain call: for the laptop
    alone, so no file can say it.
    """

    name: str
    size: Size
    protected: bool
    business_time_zone: str
    callback_urls: tuple[str, ...]
    seal_retention_mode: str
    seal_retention_days: int
    alarm_email: str
    password_sign_in: bool = False


def load(name: str, folder: Path = FOLDER) -> Stage:
    """Read a stage; raise StageFaulty naming what is wrong in its file, or the stages there are."""
    path = folder / f"{name}.toml"
    if not path.exists():
        known = ", ".join(sorted(one.stem for one in folder.glob("*.toml")))
        raise StageFaulty(f"There is no stage {name!r} in {folder.name}/; there are: {known}.")
    said = DEFAULTS | tomllib.loads(path.read_text(encoding="utf-8"))
    unknown = sorted(set(said) - set(DEFAULTS) - {"size", "protected"})
    if unknown:
        raise StageFaulty(f"{path.name} says {unknown[0]!r}, which no stage has.")
    return Stage(
        name=name,
        size=SIZES[_one_of(path, said, "size", tuple(SIZES))],
        protected=_one_of(path, said, "protected", (True, False)),
        business_time_zone=said["business_time_zone"],
        callback_urls=tuple(said["callback_urls"]),
        seal_retention_mode=_one_of(path, said, "seal_retention_mode", MODES),
        seal_retention_days=said["seal_retention_days"],
        alarm_email=said["alarm_email"],
    )


MODES = ("GOVERNANCE", "COMPLIANCE")
DEFAULTS: dict[str, Any] = {
    "business_time_zone": "America/Sao_Paulo",
    "callback_urls": ["http://localhost:8000/"],
    "seal_retention_mode": "GOVERNANCE",
    "seal_retention_days": 1830,
    "alarm_email": "",
}


def _one_of(path: Path, said: dict[str, Any], word: str, allowed: tuple[Any, ...]) -> Any:
    value = said.get(word)
    if value not in allowed:
        raise StageFaulty(f"{path.name}: {word} = {value!r}; it is one of {allowed}.")
    return value

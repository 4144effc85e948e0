"""The stages: one TOML file each in `stages/`, saying how large it is and how well guarded."""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import available_timezones

from infrastructure.sizes import SIZES, Size

FOLDER = Path(__file__).with_name("stages")


class StageFileError(Exception):
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


class Word(NamedTuple):
    """A word of a stage's file: what it is in a sentence, and whether a value is that."""

    right: str
    fits: Callable[[Any], bool]


def load(name: str, folder: Path = FOLDER) -> Stage:
    """Read a stage; raise StageFileError with all that is wrong in its file, or the stages there are.

    An empty name is none.
    """
    path = _path(name, folder)
    said = DEFAULTS | _read(path)
    faults = [*_unknown(path, said), *_misfits(path, said)]
    if faults:
        raise StageFileError("\n".join(faults))
    lists = {"size": SIZES[said["size"]], "callback_urls": tuple(said["callback_urls"])}
    return Stage(name=name, **said | lists)


DEFAULTS: dict[str, Any] = {
    "business_time_zone": "America/Sao_Paulo",
    "callback_urls": ["http://localhost:8000/"],
    "seal_retention_mode": "GOVERNANCE",
    "seal_retention_days": 1830,
    "alarm_email": "",
}
# The longest that S3 retains by default.
_MOST_DAYS = 36_500
_NAME = re.compile(r"[a-z](-?[a-z0-9]){0,15}")
# Cognito takes none of these in the name of a sign-in page.
_NAMES_OF_AWS = ("amazon", "aws", "cognito")
# The template hands addresses over in one text, parted by commas.
_ADDRESS = re.compile(r"https://[^\s,/]+(/[^\s,]*)?|http://localhost(:[0-9]+)?(/[^\s,]*)?")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+|")


def _is_zone(value: Any) -> bool:
    return isinstance(value, str) and value in available_timezones()


def _are_addresses(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(_is(_ADDRESS, one) for one in value)


def _is_number_of_days(value: Any) -> bool:
    return type(value) is int and 1 <= value <= _MOST_DAYS  # True is an int too


def _is(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


WORDS = {
    "size": Word('"small" or "large"', lambda value: isinstance(value, str) and value in SIZES),
    "protected": Word("true or false", lambda value: isinstance(value, bool)),
    "business_time_zone": Word(
        'a time zone of IANA in quotation marks, such as "America/Sao_Paulo"', _is_zone
    ),
    "callback_urls": Word(
        'a list of addresses without commas, https or http on localhost, such as ["https://…/"]',
        _are_addresses,
    ),
    "seal_retention_mode": Word(
        '"GOVERNANCE" or "COMPLIANCE"', lambda value: value in ("GOVERNANCE", "COMPLIANCE")
    ),
    "seal_retention_days": Word(
        f"a whole number of days from 1 to {_MOST_DAYS}, without quotation marks",
        _is_number_of_days,
    ),
    "alarm_email": Word(
        'an address in quotation marks, or "" for nobody', lambda value: _is(_MAIL, value)
    ),
}


def _path(name: str, folder: Path) -> Path:
    known = sorted(one.stem for one in folder.glob("*.toml"))
    if not name:
        raise StageFileError(f"Say which stage: {' or '.join(f'STAGE={one}' for one in known)}.")
    if len(name) > 16 or not _NAME.fullmatch(name) or any(one in name for one in _NAMES_OF_AWS):
        raise StageFileError(
            f"{name!r} names no stage: up to 16 lower-case letters, digits and single hyphens, a "
            f"letter first and no hyphen last, without {', '.join(_NAMES_OF_AWS)}."
        )
    path = folder / f"{name}.toml"
    if not path.exists():
        raise StageFileError(
            f"There is no stage {name!r} in {folder.name}/; there are: {', '.join(known)}."
        )
    return path


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as fault:  # of the text's encoding, or of its TOML
        raise StageFileError(f"{path.name} is no TOML: {fault}.") from None


def _unknown(path: Path, said: Mapping[str, Any]) -> Iterator[str]:
    for word in sorted(said.keys() - WORDS.keys()):
        yield f"{path.name} says {word!r}, which no stage has."


def _misfits(path: Path, said: Mapping[str, Any]) -> Iterator[str]:
    for name, word in WORDS.items():
        if name not in said:
            yield f"{path.name} says no {name}; it is {word.right}."
        elif not word.fits(said[name]):
            yield f"{path.name}: {name} = {said[name]!r}; it is {word.right}."

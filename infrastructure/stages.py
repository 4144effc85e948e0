"""The stages: one TOML file each in `stages/`, with its size and how it is protected."""

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
    """A stage's file is missing or invalid; the message lists every error and what is valid."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage as its file describes it.

    A `protected` stage cannot be destroyed, nor can any of its stores. `callback_urls` are pages of
    other applications that use the API and its sign-in. `python` is the version that the functions
    run. Without `zones`, the network is in the account's first two availability zones.
    `password_sign_in` lets users exchange a password for tokens in one call; only the laptop has
    it, so no file can set it.
    """

    name: str
    size: Size
    protected: bool
    business_time_zone: str
    callback_urls: tuple[str, ...]
    seal_retention_mode: str
    seal_retention_days: int
    alarm_email: str
    multi_factor: str
    python: str
    zones: tuple[str, ...]
    password_sign_in: bool = False


class Setting(NamedTuple):
    """A setting in a stage's file: the description of its valid values, and their test."""

    valid: str
    is_valid: Callable[[Any], bool]


DEFAULTS: dict[str, Any] = {
    "business_time_zone": "America/Sao_Paulo",
    "callback_urls": [],
    "seal_retention_mode": "GOVERNANCE",
    "seal_retention_days": 1830,
    "alarm_email": "",
    "multi_factor": "optional",
    "python": "3.13",
    "zones": [],
}
# Lambda's runtimes for which the functions' libraries are pinned.
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
# The longest default retention of S3.
_MOST_DAYS = 36_500
_NAME = re.compile(r"[a-z](-?[a-z0-9]){0,15}")
# Cognito rejects these in the domain of a sign-in page.
_RESERVED_BY_AWS = ("amazon", "aws", "cognito")
# The template takes all URLs as one text, separated by commas.
_URL = re.compile(r"https://[^\s,/]+(/[^\s,]*)?|http://localhost(:[0-9]+)?(/[^\s,]*)?")
_ZONE = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9][a-z]")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+|")


def _matches(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _are_zones(value: Any) -> bool:
    return (
        isinstance(value, list)
        and all(_matches(_ZONE, zone) for zone in value)
        and (len(value) == len(set(value)) == 2)
    )


SETTINGS = {
    "size": Setting('"small" or "large"', lambda value: isinstance(value, str) and value in SIZES),
    "protected": Setting("true or false", lambda value: isinstance(value, bool)),
    "business_time_zone": Setting(
        'an IANA time zone in quotation marks, such as "America/Sao_Paulo"',
        lambda value: isinstance(value, str) and value in available_timezones(),
    ),
    "callback_urls": Setting(
        'a list of URLs without commas, https or http on localhost, such as ["https://…/"]',
        lambda value: isinstance(value, list) and all(_matches(_URL, url) for url in value),
    ),
    "seal_retention_mode": Setting(
        '"GOVERNANCE" or "COMPLIANCE"', lambda value: value in ("GOVERNANCE", "COMPLIANCE")
    ),
    "seal_retention_days": Setting(
        f"a whole number of days from 1 to {_MOST_DAYS}, without quotation marks",
        lambda value: type(value) is int and 1 <= value <= _MOST_DAYS,  # True is an int, too
    ),
    "alarm_email": Setting(
        'an e-mail address in quotation marks, or "" for none',
        lambda value: _matches(_EMAIL, value),
    ),
    "multi_factor": Setting(
        '"optional" or "required"', lambda value: value in ("optional", "required")
    ),
    "python": Setting(
        f"one of Lambda's versions of Python in quotation marks: {', '.join(PYTHONS)}",
        lambda value: value in PYTHONS,
    ),
    "zones": Setting(
        'a list of two availability zones, such as ["sa-east-1a", "sa-east-1c"], or [] for the '
        "account's first two",
        lambda value: value == [] or _are_zones(value),
    ),
}


def load(name: str, folder: Path = FOLDER) -> Stage:
    """Read a stage's file; raise StageFileError with all errors, or with the names of all stages.

    An empty name is an unknown stage.
    """
    path = _path(name, folder)
    settings = DEFAULTS | _read(path)
    errors = list(_errors(path, settings))
    if errors:
        raise StageFileError("\n".join(errors))
    lists = {name: tuple(settings[name]) for name in ("callback_urls", "zones")}
    typed = {"size": SIZES[settings["size"]], **lists}
    return Stage(name=name, **settings | typed)


def _path(name: str, folder: Path) -> Path:
    stages = sorted(path.stem for path in folder.glob("*.toml"))
    if not name:
        raise StageFileError(f"No stage is given; the stages are: {', '.join(stages)}.")
    if len(name) > 16 or not _NAME.fullmatch(name) or any(w in name for w in _RESERVED_BY_AWS):
        raise StageFileError(
            f"{name!r} is not a valid stage name: use up to 16 lower-case letters, digits and "
            f"single hyphens, begin with a letter, end without a hyphen, and avoid "
            f"{', '.join(_RESERVED_BY_AWS)}."
        )
    path = folder / f"{name}.toml"
    if not path.exists():
        raise StageFileError(
            f"There is no stage {name!r} in {folder}; the stages are: {', '.join(stages)}."
        )
    return path


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:  # the text is not UTF-8, or not TOML
        raise StageFileError(f"{path.name} is not valid TOML: {error}.") from None


def _errors(path: Path, settings: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(settings.keys() - SETTINGS.keys()):
        yield f"{path.name}: {name} is not a setting; they are {', '.join(SETTINGS)}."
    for name, setting in SETTINGS.items():
        if name not in settings:
            yield f"{path.name}: {name} is missing; it must be {setting.valid}."
        elif not setting.is_valid(settings[name]):
            yield f"{path.name}: {name} = {settings[name]!r}; it must be {setting.valid}."
        elif name == "callback_urls" and settings.get("protected") and _any_local(settings[name]):
            yield f"{path.name}: callback_urls of a protected stage must not be on localhost."


def _any_local(urls: list[str]) -> bool:
    # Any program on a person's machine could serve such a page, and receive their sign-in.
    return any(url.startswith("http:") for url in urls)

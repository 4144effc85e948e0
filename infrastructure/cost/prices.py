"""The list of prices, as `prices.toml` has it."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

LIST = Path(__file__).with_name("prices.toml")


@dataclass(frozen=True, slots=True)
class Prices:
    """Dollars of one unit by name, and where and when they held."""

    region: str
    as_of: str
    note: str
    dollars: dict[str, float]
    sources: dict[str, str]


def prices(path: Path = LIST) -> Prices:
    """Read a list of prices; raise KeyError for an entry without dollars or source."""
    text = tomllib.loads(path.read_text(encoding="utf-8"))
    entries = {name: one for name, one in text.items() if isinstance(one, dict)}
    return Prices(
        region=text["region"],
        as_of=text["as_of"],
        note=" ".join(text["note"].split()),
        dollars={name: one["dollars"] / one.get("per", 1) for name, one in entries.items()},
        sources={name: one["source"] for name, one in entries.items()},
    )

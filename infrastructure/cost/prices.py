"""The price list, read from `prices.toml`."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

LIST = Path(__file__).with_name("prices.toml")


@dataclass(frozen=True, slots=True)
class Prices:
    """Dollars per unit by name, with the region and date of the list."""

    region: str
    as_of: str
    note: str
    dollars: dict[str, float]
    sources: dict[str, str]


def prices(path: Path = LIST) -> Prices:
    """Read a price list; raise KeyError for a price without dollars or source."""
    text = tomllib.loads(path.read_text(encoding="utf-8"))
    tables = {name: table for name, table in text.items() if isinstance(table, dict)}
    return Prices(
        region=text["region"],
        as_of=text["as_of"],
        note=" ".join(text["note"].split()),
        dollars={name: table["dollars"] / table.get("per", 1) for name, table in tables.items()},
        sources={name: table["source"] for name, table in tables.items()},
    )

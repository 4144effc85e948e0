"""Who takes part in a story."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from verification.simulation.merchants import Merchants
from verification.simulation.night import Nights
from verification.simulation.world import World

MERCHANTS = ("acougue", "banca", "padaria")


@dataclass
class Context:
    """Who takes part; `longest_ago` is how old a late entry may be."""

    world: World
    merchants: Merchants
    nights: Nights
    longest_ago: timedelta
    reading: set[int] = field(default_factory=set)
    poison: list[str] = field(default_factory=list)
    is_damaged: bool = False
    numbers: int = 0
    keys: Counter[str] = field(default_factory=Counter)

    def number(self) -> int:
        """Return a number that was never used in this story."""
        self.numbers += 1
        return self.numbers

    def key(self, merchant_id: str) -> str:
        """Return an idempotency key that is new to a merchant; others use the same ones."""
        self.keys[merchant_id] += 1
        return f"key-{self.keys[merchant_id]}"

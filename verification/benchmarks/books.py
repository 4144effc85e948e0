"""The same entries of busy merchants in every run."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chalicelib.ledger.entries import Entry
from verification.kit.generators import Mix, iterate_entries

BUSY = Mix(
    types=("credit",) * 4 + ("debit",),
    currencies=("BRL",),
    accounts=("main", "bank", "card-machine"),
    categories=("sales", "sales", "sales", "pix", "suppliers", "wages", None),
    descriptions=("Venda balcão", "Pix de Ana", "Moinho Aurora: farinha", 'Nota "12\\3"', None),
    metadata_share=0.1,
    amounts=lambda chance: chance.randrange(1, 50_000),
)


@dataclass(frozen=True, slots=True)
class Book:
    """Whose entries, and over how many days."""

    merchants: Sequence[str]
    days: int

    def entries(self, count: int) -> Iterator[Entry]:
        """Yield entries, always the same ones."""
        return iterate_entries(5, count, self.merchants, self.days, BUSY)

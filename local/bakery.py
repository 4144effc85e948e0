"""A bakery's entries, generated from a seed: a day always has the same entries."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/Sao_Paulo")
CUSTOMERS = ("Ana", "Bruno", "Célia", "Diego", "Elza", "Fábio", "Graça", "Hélio", "Iara", "João")
BRANDS = ("Visa", "Mastercard", "Elo")
FRIDAY, SUNDAY = 4, 6
DAYS_BETWEEN_LATE_ENTRIES = 17
DAYS_BETWEEN_REVERSALS = 23


@dataclass(frozen=True)
class Posting:
    """An entry to record: its idempotency key and the fields of the request."""

    key: str
    type: str
    cents: int
    account: str
    moment: datetime
    description: str
    category: str

    def request(self) -> dict[str, str]:
        """Return the body of `POST /v1/entries`."""
        return {
            "type": self.type,
            "amount": f"{self.cents // 100}.{self.cents % 100:02}",
            "account": self.account,
            "occurred_at": self.moment.isoformat(),
            "description": self.description,
            "category": self.category,
        }


def quarter_before(today: date) -> list[date]:
    """Return the days of the three calendar months before this one."""
    end = today.replace(day=1)
    start = end
    for _ in range(3):
        start = (start - timedelta(days=1)).replace(day=1)
    return [start + timedelta(days=passed) for passed in range((end - start).days)]


def postings(days: list[date]) -> Iterator[Posting]:
    """Return the entries that were recorded in time, day by day."""
    first = days[0]
    yield Posting(
        _key(first, "capital"), "credit", 800_000, "bank", _at(first, 8), "Aporte", "capital"
    )
    for day in days:
        chance = random.Random(f"padaria {day}")  # noqa: S311 - example data, not a secret
        yield from _sales(day, chance)
        yield from _purchases(day, chance)
        yield from _regular_bills(day, chance)


def late_postings(days: list[date]) -> Iterator[Posting]:
    """Return the late entries: receipts of earlier days that turned up after the quarter."""
    for day in days[5::DAYS_BETWEEN_LATE_ENTRIES]:
        note = f"Nota esquecida de {day:%d/%m}"
        yield Posting(_key(day, "late"), "debit", 4_390, "main", _at(day, 15), note, "suppliers")


def reversed_keys(days: list[date]) -> list[str]:
    """Return the keys of the entries that were recorded by mistake and are reversed."""
    return [_key(day, "pix-0") for day in days[10::DAYS_BETWEEN_REVERSALS]]


def _sales(day: date, chance: random.Random) -> Iterator[Posting]:
    busy = 3 if day.weekday() >= FRIDAY else 2
    for brand in BRANDS:
        cents = chance.randint(18_000, 42_000) * busy // 2
        text = f"Vendas no cartão {brand}"
        yield Posting(
            _key(day, f"card-{brand}"), "credit", cents, "bank", _at(day, 20), text, "cards"
        )
    for number in range(2 * busy):
        text = f"Pix de {chance.choice(CUSTOMERS)}"
        cents, hour = chance.randint(450, 9_800), 7 + 2 * number
        yield Posting(
            _key(day, f"pix-{number}"), "credit", cents, "bank", _at(day, hour), text, "pix"
        )
    counter = chance.randint(9_000, 31_000) * busy // 2
    yield Posting(
        _key(day, "cash"), "credit", counter, "main", _at(day, 21), "Vendas balcão", "sales"
    )
    if day.weekday() >= FRIDAY and day.weekday() != SUNDAY:
        text, cents = "Encomenda de fim de noite", chance.randint(3_000, 12_000)
        yield Posting(_key(day, "night"), "credit", cents, "main", _at(day, 23, 30), text, "sales")


def _purchases(day: date, chance: random.Random) -> Iterator[Posting]:
    suppliers = {
        0: ("Moinho Aurora: farinha", 60_000, 110_000),
        2: ("Laticínios Serra: leite e manteiga", 35_000, 70_000),
        4: ("Granja Boa Vista: ovos", 18_000, 32_000),
    }
    if day.weekday() in suppliers:
        text, least, most = suppliers[day.weekday()]
        cents = chance.randint(least, most)
        yield Posting(
            _key(day, "supplier"), "debit", cents, "bank", _at(day, 10), text, "suppliers"
        )


def _regular_bills(day: date, chance: random.Random) -> Iterator[Posting]:
    bills = {
        5: ("wages", "Salários", 1_180_000),
        10: ("energy", "Conta de luz", chance.randint(95_000, 130_000)),
        15: ("rent", "Aluguel", 420_000),
        20: ("advance", "Vale dos funcionários", 520_000),
    }
    if day.day in bills:
        name, text, cents = bills[day.day]
        category = "wages" if name == "advance" else name
        yield Posting(_key(day, name), "debit", cents, "bank", _at(day, 9), text, category)


def _key(day: date, name: str) -> str:
    return f"bakery-{day}-{name}"


def _at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), ZONE)

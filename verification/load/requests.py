"""What is asked for and what is written under load, the same for every seed."""

import itertools
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from verification.benchmarks.events import get_balance, get_balances
from verification.fault_injection.expected_entry import minor_units

ZONE = ZoneInfo("America/Sao_Paulo")
HISTORY_DAYS = 60
MONTHS_IN_A_HUNDRED = 20
_ACCOUNTS = ("main", "bank")


@dataclass(frozen=True, slots=True)
class Question:
    """A read of one day's balance, or (with `last`) of a run of days."""

    first: date
    last: date | None

    @property
    def path(self) -> str:
        """The path and query of the request."""
        if self.last is None:
            return f"/v1/daily-balances/{self.first}"
        return f"/v1/daily-balances?from={self.first}&to={self.last}"

    def event(self, merchant: str) -> dict[str, Any]:
        """Return the request as the gateway hands it to the function."""
        if self.last is None:
            return get_balance(self.first.isoformat(), merchant=merchant)
        return get_balances(self.first.isoformat(), self.last.isoformat(), merchant)

    def is_answered(self, status: int, body: str) -> bool:
        """Say whether an answer is a balance that adds up."""
        if status != 200:
            return False
        shown = json.loads(body)
        days = [shown] if self.last is None else shown["items"]
        return all(map(_adds_up, days)) and _run_on(days)


def questions(how_many: int, seed: int) -> list[Question]:
    """Return reads of days of the last two months: most of one day, some of a month."""
    chance = random.Random(seed)
    today = datetime.now(ZONE).date()
    request = []
    for _ in range(how_many):
        day = today - timedelta(days=chance.randrange(HISTORY_DAYS))
        month = chance.randrange(100) < MONTHS_IN_A_HUNDRED
        request.append(Question(day - timedelta(days=30), day) if month else Question(day, None))
    return request


def entry(chance: random.Random, days_back: int = 0) -> dict[str, Any]:
    """Return the body of an entry of today, or of a day up to so many days ago."""
    back = timedelta(minutes=chance.randrange(days_back * 24 * 60) if days_back else 0)
    cents = chance.randrange(1, 90_000)
    return {
        "type": chance.choice(("credit", "debit")),
        "amount": f"{cents // 100}.{cents % 100:02}",
        "account": chance.choice(_ACCOUNTS),
        "occurred_at": (datetime.now(ZONE) - back).isoformat(timespec="seconds"),
        "category": "sales",
    }


def _run_on(days: Sequence[dict[str, Any]]) -> bool:
    return all(one["closing"] == after["opening"] for one, after in itertools.pairwise(days))


def _adds_up(shown: dict[str, Any]) -> bool:
    parts = ("opening", "credits", "debits", "closing")
    opening, credit, debit, closing = (minor_units(shown[part]) for part in parts)
    return opening + credit - debit == closing

"""What was sent, and what an answer to it must say; none of it is the service's own word."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

Body = dict[str, Any]

BEHIND_UTC = timedelta(hours=3)
"""America/Sao_Paulo's clock; it has had no summer time since 2019."""
CLOCK_STEP = timedelta(seconds=1)
"""Moments are told in parts of a second; this is more than any rounding."""
_OPPOSITE = {"credit": "debit", "debit": "credit"}


@dataclass(frozen=True, slots=True)
class Sent:
    """A request for one entry: `asked` is what the entry must hold, its moment between two.

    `body` is the body of POST /v1/entries, None for a reversal.
    """

    asked: Body
    earliest: datetime
    latest: datetime
    body: Body | None = None

    @property
    def effect_minor(self) -> int:
        """What it adds to the balance, in minor units."""
        minor = minor_units(self.asked["amount"])
        return minor if self.asked["type"] == "credit" else -minor

    def day(self, answer: Body) -> str:
        """Return the business day; of a reversal by the moment that was answered."""
        moment = self.earliest if self.body else datetime.fromisoformat(answer["occurred_at"])
        return business_day(moment)

    def differences(self, answer: Body) -> Iterator[str]:
        """Yield what an answer says otherwise."""
        should = self.asked | {"day": self.day(answer)}
        for name, value in should.items():
            if answer.get(name) != value:
                yield f"{name} must be {value}, and is {answer.get(name)}"
        moment = datetime.fromisoformat(answer["occurred_at"])
        if not self.earliest <= moment <= self.latest:
            yield f"occurred_at must be {self.earliest} to {self.latest}, and is {moment}"


def entry_sent(body: Body) -> Sent:
    """Return what POST /v1/entries was asked for with a body that names its account and moment."""
    names = ("type", "amount", "account", "description", "category")
    request = {name: body.get(name) for name in names}
    request |= {"currency": body.get("currency", "BRL"), "reverses": None}
    moment = datetime.fromisoformat(body["occurred_at"])
    return Sent(request, moment, moment, body)


def reversal_sent(original: Sent, entry_id: str, reason: str, began: datetime) -> Sent:
    """Return what a reversal was asked for: the opposite of an entry, now.

    `began` is when it was first asked for; it must be answered already.
    """
    request = original.asked | {
        "type": _OPPOSITE[original.asked["type"]],
        "description": reason,
        "reverses": entry_id,
    }
    return Sent(request, began - CLOCK_STEP, datetime.now(UTC) + CLOCK_STEP)


def business_day(moment: datetime) -> str:
    """Return the business day of a moment, in ISO format."""
    return (moment.astimezone(UTC) - BEHIND_UTC).date().isoformat()


def minor_units(amount: str) -> int:
    """Return the minor units of a decimal string; the digits after the point tell how many."""
    return int(amount.replace(".", ""))

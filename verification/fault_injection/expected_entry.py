"""What was sent, what its response must contain, and the book of everything that was accepted.

Nothing here trusts the service: amounts, days and sums come from the requests.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from verification.kit.reference_model import ExpectedEntry, ReferenceLedger, business_day

Body = dict[str, Any]

CLOCK_TOLERANCE = timedelta(seconds=1)
"""More than any rounding of the moments in responses."""
_OPPOSITE = {"credit": "debit", "debit": "credit"}


@dataclass(frozen=True, slots=True)
class ExpectedResponse:
    """What the response to one entry must contain: `fields`, and a moment between two others.

    `body` is the body of POST /v1/entries, None for a reversal.
    """

    fields: Body
    earliest: datetime
    latest: datetime
    body: Body | None = None

    def differences(self, response: Body) -> Iterator[str]:
        """Yield how a response differs."""
        moment = datetime.fromisoformat(response["occurred_at"])
        expected = self.fields | {"day": business_day(moment).isoformat()}
        for name, value in expected.items():
            if response.get(name) != value:
                yield f"{name} must be {value}, and is {response.get(name)}"
        if not self.earliest <= moment <= self.latest:
            yield f"occurred_at must be {self.earliest} to {self.latest}, and is {moment}"


def entry_response(body: Body) -> ExpectedResponse:
    """Return what POST /v1/entries must answer to a body with an account and a moment."""
    names = ("type", "amount", "account", "description", "category")
    fields = {name: body.get(name) for name in names}
    fields |= {"currency": body.get("currency", "BRL"), "reverses": None}
    moment = datetime.fromisoformat(body["occurred_at"])
    return ExpectedResponse(fields, moment, moment, body)


def reversal_response(
    original: ExpectedResponse, entry_id: str, reason: str, began: datetime
) -> ExpectedResponse:
    """Return what a reversal must answer: the opposite of an entry, between `began` and now."""
    fields = original.fields | {
        "type": _OPPOSITE[original.fields["type"]],
        "description": reason,
        "reverses": entry_id,
    }
    return ExpectedResponse(fields, began - CLOCK_TOLERANCE, datetime.now(UTC) + CLOCK_TOLERANCE)


def minor_units(amount: str) -> int:
    """Return the minor units of a decimal string, which has its currency's number of decimals."""
    return int(amount.replace(".", ""))


@dataclass(frozen=True, slots=True)
class AcceptedEntry:
    """A request for an entry and the service's response to it."""

    merchant: str
    key: str
    expected: ExpectedResponse
    response: Body

    @property
    def entry_id(self) -> str:
        """The id in the response."""
        return str(self.response["id"])

    @property
    def immutable(self) -> tuple[str, Body]:
        """What never changes of an entry."""
        return self.merchant, self.response | {"reversed_by": None}

    @property
    def entry(self) -> ExpectedEntry:
        """The entry for the reference model, from the request."""
        fields = self.expected.fields
        return ExpectedEntry(
            entry_id=self.entry_id,
            merchant_id=self.merchant,
            type=fields["type"],
            amount_minor=minor_units(fields["amount"]),
            currency=fields["currency"],
            account=fields["account"],
            day=business_day(datetime.fromisoformat(self.response["occurred_at"])),
            category=fields["category"],
            reverses=fields["reverses"],
        )

    def contradictions(self) -> Iterator[str]:
        """Yield how the response differs from the request."""
        for difference in self.expected.differences(self.response):
            yield f"{self.entry_id} of {self.merchant}: {difference}"


@dataclass
class AcceptedEntries:
    """Every entry that was answered with 201, by id; threads share it.

    `contradictions` are responses that differ from their request or from an earlier response.
    """

    by_id: dict[str, AcceptedEntry] = field(default_factory=dict)
    contradictions: list[str] = field(default_factory=list)
    reference: ReferenceLedger = field(default_factory=ReferenceLedger)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def accept(self, accepted: AcceptedEntry) -> None:
        """Add an accepted entry; the same id must always mean the same."""
        with self._lock:
            known = self.by_id.setdefault(accepted.entry_id, accepted)
            self.reference.add(known.entry)
            self.contradictions += accepted.contradictions()
            if known.immutable != accepted.immutable:
                self.contradictions.append(f"{accepted.entry_id} was answered in two ways")

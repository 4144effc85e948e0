"""What the merchants know: each request as they sent it, and every answer they ever got.

The plain model that the system is held against: it adds up what was sent, and knows nothing of how
anything is stored.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from chalicelib.ledger.entries import Entry, EntryDraft, without_texts
from chalicelib.storage.dynamodb_items import StoredEntry
from verification.simulation.clock import local_day
from verification.simulation.violations import DRIFT, REFUSAL, REPLAY, check

Line = tuple[str, str, date, str]
"""Merchant, currency, day and account."""


@dataclass(eq=False)
class Request:
    """A request of a merchant: an entry, the reversal or the erasure of what another made.

    No two requests ask for an entry of one amount, so whatever one makes can be told by it,
    whatever id it has. `is_shared`: its key was sent with another body too; `is_target`: another
    request is about what it made.
    """

    merchant_id: str
    key: str
    body: Mapping[str, Any]
    draft: EntryDraft | None = None
    target: "Request | None" = None
    erases: bool = False
    answers: list[StoredEntry] = field(default_factory=list)
    done: int = 0
    sent: int = 0
    is_target: bool = False
    is_shared: bool = False

    @property
    def is_entry(self) -> bool:
        """Whether it asks for an entry of its own."""
        return self.draft is not None

    @property
    def made(self) -> Entry | None:
        """The entry that it was told of."""
        return self.answers[0].entry if self.answers else None

    @property
    def of(self) -> "Request":
        """The request that made what this one reverses or erases."""
        assert self.target is not None
        return self.target

    def says(self) -> EntryDraft:
        """Return what the entry must say that it makes."""
        if self.draft is not None:
            return self.draft
        undone = self.of.says()
        return EntryDraft(
            type="debit" if undone.type == "credit" else "credit",
            amount_minor=undone.amount_minor,
            currency=undone.currency,
            account=undone.account,
            category=undone.category,
            description=str(self.body["reason"]),
        )


@dataclass
class Book:
    """All requests of a story, in the order in which they were first sent."""

    requests: list[Request] = field(default_factory=list)

    def entries(self) -> list[Request]:
        """Return the requests for an entry."""
        return [request for request in self.requests if request.is_entry]

    def of_key(self, merchant_id: str, key: str) -> list[Request]:
        """Return the requests under a key."""
        return [
            request
            for request in self.requests
            if (request.merchant_id, request.key) == (merchant_id, key)
        ]

    def by_amount(self) -> dict[tuple[str, int], Request]:
        """Return the requests for an entry by merchant and amount."""
        return {(entry.merchant_id, entry.says().amount_minor): entry for entry in self.entries()}

    def reversals_of(self, target: Request) -> list[Request]:
        """Return the requests to reverse what another made."""
        return [
            request for request in self.requests if request.target is target and not request.erases
        ]

    def is_erased(self, request: Request) -> bool:
        """Say whether somebody asked for the erasure of what a request made."""
        alike = [request] if request.is_entry else self.reversals_of(request.of)
        return any(one.erases and one.sent and one.target in alike for one in self.requests)

    def take_answer(self, request: Request, told: StoredEntry) -> None:
        """Keep an answer, which must be the first one again."""
        self.check_says(request, told.entry)
        if request.answers:
            first = request.answers[0].entry
            same = first == told.entry or (
                self.is_erased(request) and without_texts(first) == without_texts(told.entry)
            )
            check(same, REPLAY, "answered with {}, and first {}", told.entry, first)
        others = (one for one in self.of_key(request.merchant_id, request.key) if one.answers)
        used = [other.body for other in others if other is not request]
        check(not used, REPLAY, "{} serves {} and {}", request.key, request.body, used)
        request.answers.append(told)

    def take_reuse(self, request: Request) -> None:
        """Keep that a key was refused: it must stand for another request."""
        check(not request.answers and not request.done, REPLAY, f"{request.key} is refused now")
        others = [one for one in self.of_key(request.merchant_id, request.key) if one.sent]
        check(len(others) > 1, REFUSAL, f"{request.key} was never used before, and is refused")

    def check_says(self, request: Request, entry: Entry) -> None:
        said, texts = request.says(), (entry.description, dict(entry.metadata))
        about = (entry.type, entry.amount_minor, entry.currency, entry.account, entry.category)
        right = (said.type, said.amount_minor, said.currency, said.account, said.category)
        check(about == right, DRIFT, "{} asked for {} and got {}", request.key, right, about)
        right_texts = (said.description, dict(said.metadata))
        check(
            texts == right_texts or (self.is_erased(request) and texts == (None, {})),
            DRIFT,
            "{} asked for texts {} and got {}",
            request.key,
            right_texts,
            texts,
        )
        if said.occurred_at is not None:
            check(entry.occurred_at == said.occurred_at, DRIFT, f"{request.key} occurred otherwise")
        check(entry.day == day_of(entry), DRIFT, f"{request.key} is of {entry.day}")


def day_of(entry: Entry) -> date:
    """Return the business day of an entry by its own words."""
    return local_day(datetime.fromisoformat(entry.occurred_at))


@dataclass(frozen=True, slots=True)
class Fact:
    """An entry that took effect: what was asked for, and the day that it counts for."""

    merchant_id: str
    said: EntryDraft
    day: date

    @property
    def line(self) -> Line:
        """Where it counts."""
        return self.merchant_id, self.said.currency, self.day, self.said.account


def sums(facts: Iterable[Fact]) -> dict[Line, tuple[int, int, int]]:
    """Return credits, debits and count by line, added up from what was sent."""
    result: dict[Line, list[int]] = {}
    for fact in facts:
        totals = result.setdefault(fact.line, [0, 0, 0])
        totals[0 if fact.said.type == "credit" else 1] += fact.said.amount_minor
        totals[2] += 1
    return {line: (one[0], one[1], one[2]) for line, one in result.items()}

"""What the clients know: each request as they sent it, and every response they received.

Responses are checked when they arrive, against the requests alone. What the accepted requests add
up to is the subject of the reference model (verification/kit).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from chalicelib.ledger.entries import Entry, EntryDraft, without_texts
from chalicelib.storage.dynamodb_items import StoredEntry
from verification.kit.reference_model import business_day
from verification.simulation.violations import DRIFT, REFUSAL, REPLAY, check


@dataclass(eq=False)
class CategoryRequest:
    """A request to correct the category of an entry: when it began, and when it was answered."""

    category: str | None
    began: int
    answered: int | None = None


@dataclass(eq=False)
class Request:
    """A request of a merchant: an entry, or the reversal or erasure of another request's entry.

    Every request for an entry has another amount, so that an entry is recognized by its amount,
    whatever id it has. `done` counts successful erasures and `sent` attempts. `is_target`: another
    request is about its entry; `is_shared`: its key was also sent with another body; `erased_at`:
    the number of Redis faults so far, if Redis had none during this erasure; `may_be_undone`: an
    import recorded its entry, and the undo of that import has begun. `corrections` are the requests
    about the category of its entry.
    """

    merchant_id: str
    key: str
    body: Mapping[str, Any]
    draft: EntryDraft | None = None
    target: "Request | None" = None
    erases: bool = False
    responses: list[StoredEntry] = field(default_factory=list)
    done: int = 0
    sent: int = 0
    is_target: bool = False
    is_shared: bool = False
    erased_at: int | None = None
    may_be_undone: bool = False
    corrections: list[CategoryRequest] = field(default_factory=list)

    @property
    def is_entry(self) -> bool:
        """Whether it is a request for a new entry."""
        return self.draft is not None

    @property
    def recorded_entry(self) -> Entry | None:
        """The entry of its first response."""
        return self.responses[0].entry if self.responses else None

    @property
    def required_target(self) -> "Request":
        """The request whose entry this one reverses or erases."""
        assert self.target is not None
        return self.target

    def expected_draft(self) -> EntryDraft:
        """Return the content of the entry that it must record."""
        if self.draft is not None:
            return self.draft
        target = self.required_target.expected_draft()
        return replace(
            target,
            type="debit" if target.type == "credit" else "credit",
            occurred_at=None,
            description=str(self.body["reason"]),
            metadata={},
        )


@dataclass
class RequestLog:
    """All requests of a scenario, in the order in which they were first sent."""

    requests: list[Request] = field(default_factory=list)
    moments: int = 0

    def entries(self) -> list[Request]:
        """Return the requests that record an entry, without reversals and erasures."""
        return [request for request in self.requests if request.is_entry]

    def with_key_of(self, request: Request) -> list[Request]:
        """Return the requests under the same key of the same merchant, itself included."""
        key = (request.merchant_id, request.key)
        return [other for other in self.requests if (other.merchant_id, other.key) == key]

    def reversals_of(self, target: Request) -> list[Request]:
        """Return the requests to reverse another request's entry."""
        return [
            request for request in self.requests if request.target is target and not request.erases
        ]

    def is_erased(self, request: Request) -> bool:
        """Return whether an erasure of a request's entry was sent."""
        same_entry = [request] if request.is_entry else self.reversals_of(request.required_target)
        return any(other.erases and other.target in same_entry for other in self.requests)

    def add_response(self, request: Request, stored: StoredEntry) -> None:
        """Add a response; raise InvariantError unless it equals the first one."""
        self.check_entry(request, stored.entry)
        if request.responses:
            first = request.responses[0].entry
            is_same = first == stored.entry or (
                self.is_erased(request) and without_texts(first) == without_texts(stored.entry)
            )
            check(is_same, REPLAY, "the response is {}, and the first was {}", stored.entry, first)
        others = [other for other in self.with_key_of(request) if other is not request]
        used = [other.body for other in others if other.responses]
        check(not used, REPLAY, "{} serves {} and {}", request.key, request.body, used)
        request.responses.append(stored)

    def begin_correction(self, request: Request, category: str | None) -> CategoryRequest:
        """Log that a correction of the category of a request's entry is sent."""
        correction = CategoryRequest(category, self.moment())
        request.corrections.append(correction)
        return correction

    def possible_categories(self, request: Request) -> set[str | None]:
        """Return what the current category of a request's entry can be.

        It is that of a correction after which no other was begun and answered; without an answered
        one, it may be the recorded one.
        """
        answered = [each for each in request.corrections if each.answered is not None]
        latest_begin = max((each.began for each in answered), default=0)
        possible = {
            each.category
            for each in request.corrections
            if each.answered is None or each.answered >= latest_begin
        }
        recorded = [] if answered else [request.responses[0].entry.category]
        return possible.union(recorded)

    def moment(self) -> int:
        """Return the next moment in the order of the clients' messages."""
        self.moments += 1
        return self.moments

    def check_key_reused(self, request: Request) -> None:
        """Raise InvariantError where a key is rejected that no other request has used."""
        is_known = bool(request.responses) or bool(request.done)
        check(not is_known, REPLAY, f"{request.key} was accepted before, and is rejected now")
        others = self.with_key_of(request)
        check(len(others) > 1, REFUSAL, f"{request.key} was never used before, and is rejected")

    def check_entry(self, request: Request, entry: Entry) -> None:
        """Raise InvariantError unless an entry has the content of its request."""
        draft = request.expected_draft()
        for name in ("type", "amount_minor", "currency", "account"):
            value, expected = getattr(entry, name), getattr(draft, name)
            check(value == expected, DRIFT, f"{request.key}: {name} is {value}, not {expected}")
        # A reversal takes the category that its target has at that moment.
        target = request.target.corrections if request.target else []
        categories = {draft.category, *(each.category for each in target)}
        is_one = entry.category in categories
        check(is_one, DRIFT, f"{request.key}: category is {entry.category}, not in {categories}")
        texts = (entry.description, dict(entry.metadata))
        expected_texts = (draft.description, dict(draft.metadata))
        is_erased = self.is_erased(request) and texts == (None, {})
        is_same = texts == expected_texts or is_erased
        check(is_same, DRIFT, "{}: texts are {}, not {}", request.key, texts, expected_texts)
        if draft.occurred_at is not None:
            is_then = entry.occurred_at == draft.occurred_at
            check(is_then, DRIFT, f"{request.key} occurred at {entry.occurred_at}")
        day = business_day(datetime.fromisoformat(entry.occurred_at))
        check(entry.day == day, DRIFT, f"the day of {request.key} is {entry.day}, not {day}")

"""The merchants' side: requests are sent until they are answered, or given up, or sent twice.

Whatever happens to a request, the merchant sends the very same one again, and every answer goes
into the book, which knows what it must be.
"""

from collections.abc import Mapping, Sequence

from chalicelib.commands.batch import Outcome, record_batch
from chalicelib.commands.erase import erase
from chalicelib.commands.get_entry import get_entry
from chalicelib.commands.record import RecordEntry, RecordResult, record
from chalicelib.commands.reverse import ReversalRequest, reverse
from chalicelib.ledger.entries import entry_id, reversal_id_of
from chalicelib.ledger.errors import (
    AlreadyReversedError,
    IdempotencyKeyReusedError,
    LivroCaixaError,
    NotFoundError,
    ReversalOfReversalError,
    UnavailableError,
)
from chalicelib.ledger.principal import Principal
from verification.simulation.expected_book import Book, Request
from verification.simulation.trace import entry_sent
from verification.simulation.violations import LOST, REFUSAL, check
from verification.simulation.world import NoAnswerError, World

ANSWERS: Mapping[type[LivroCaixaError], str] = {
    UnavailableError: "unavailable",
    IdempotencyKeyReusedError: "key reused",
    NotFoundError: "not found",
    AlreadyReversedError: "already reversed",
    ReversalOfReversalError: "reversal of a reversal",
}
"""What the trace calls each refusal; part of all saved traces."""


class Merchants:
    """Everybody who sends requests, and the book in which they write them down."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.book = Book()

    def send(self, request: Request, tries: int) -> None:
        """Send a request until it is answered, at most so many times."""
        for _ in range(tries):
            if self._is_answered(request):
                return

    def send_batch(self, requests: Sequence[Request], tries: int) -> None:
        """Send entries of one merchant in one request, the whole batch again where need be."""
        principal = Principal(requests[0].merchant_id, "joana")

        def ask() -> list[Outcome]:
            items = [_submission(request) for request in requests]
            return record_batch(self._world.commands(), principal, items, workers=1)

        for _ in range(tries):
            for one in requests:
                self._write_down(one)
            try:
                outcomes = self._world.invoke(ask)
            except NoAnswerError:
                continue
            answered = [
                self._take(one, outcome) for one, outcome in zip(requests, outcomes, strict=True)
            ]
            if all(answered):
                return

    def get_entry(self, request: Request) -> None:
        """Read what a request made from the ledger: it must be there from its answer on."""
        entry = request.answers[0].entry
        undone = [one for one in self.book.reversals_of(request) if one.answers]
        try:
            response = self._world.invoke(
                lambda: get_entry(self._world.commands(), request.merchant_id, entry.entry_id)
            )
        except NoAnswerError as silence:
            missing = isinstance(silence.__cause__, NotFoundError)
            check(not missing, LOST, f"{request.key} was answered and is not there")
            return
        self._world.trace.add("entry", entry_sent(response.entry), response.reversed_by)
        self.book.check_says(request, response.entry)
        reversed_by = undone[0].answers[0].entry.entry_id if undone else response.reversed_by
        check(response.reversed_by == reversed_by, LOST, f"{request.key}: {response.reversed_by}")

    def _is_answered(self, request: Request) -> bool:
        self._write_down(request)
        was_told = request.target is not None and bool(request.target.answers)
        try:
            return self._take(request, self._world.invoke(lambda: self._ask(request)))
        except NoAnswerError as silence:
            cause = silence.__cause__
            if isinstance(cause, NotFoundError):
                check(not was_told, LOST, f"{request.key} is about an entry that was answered")
            return isinstance(cause, LivroCaixaError) and self._take(request, cause)

    def _write_down(self, request: Request) -> None:
        if not request.sent:
            self.book.requests.append(request)
        request.sent += 1

    def _ask(self, request: Request) -> RecordResult | bool:
        principal = Principal(request.merchant_id, "rui")
        if request.draft is not None:
            return record(self._world.commands(), principal, _submission(request))
        target_id = target_of(request)
        if request.erases:
            return erase(self._world.commands(), principal, target_id, request.key)
        query = ReversalRequest(target_id, request.key, request.body, str(request.body["reason"]))
        return reverse(self._world.commands(), principal, query)

    def _take(self, request: Request, told: RecordResult | bool | LivroCaixaError) -> bool:
        """Write an answer down; return whether it is one, and not that a store is out of reach."""
        self._trace(request, told)
        if isinstance(told, RecordResult):
            self.book.take_answer(request, told.stored)
        elif isinstance(told, bool):
            request.done += 1
        elif isinstance(told, UnavailableError):
            return False
        elif isinstance(told, IdempotencyKeyReusedError):
            self.book.take_reuse(request)
        else:
            self._take_refusal(request, told)
        return True

    def _trace(self, request: Request, told: RecordResult | bool | LivroCaixaError) -> None:
        answer: tuple[object, ...]
        if isinstance(told, RecordResult):
            answer = "recorded", told.replayed, entry_sent(told.entry)
        elif isinstance(told, bool):
            answer = "erased", told
        else:
            kinds = (label for error, label in ANSWERS.items() if isinstance(told, error))
            answer = "refused", next(kinds, "otherwise")
        self._world.trace.add("answer", request.merchant_id, request.key, *answer)

    def _take_refusal(self, request: Request, refusal: LivroCaixaError) -> None:
        message = f"{request.key} is refused: {refusal!r}"
        check(not request.answers and not request.done, REFUSAL, message)
        target = request.target
        check(target is not None, REFUSAL, message)
        assert target is not None
        if isinstance(refusal, ReversalOfReversalError):
            check(not target.is_entry, REFUSAL, message)
        elif not isinstance(refusal, NotFoundError):
            check(isinstance(refusal, AlreadyReversedError), REFUSAL, message)
            rivals = [one for one in self.book.reversals_of(target) if one.sent]
            check(len(rivals) > 1, REFUSAL, message)


def target_of(request: Request) -> str:
    """Return the id of the entry that a request is about."""
    target = request.target
    assert target is not None
    if target.made is not None:
        return target.made.entry_id
    if target.is_entry:
        return entry_id(target.merchant_id, target.key)
    return reversal_id_of(target_of(target))


def _submission(request: Request) -> RecordEntry:
    assert request.draft is not None
    return RecordEntry(request.key, request.body, request.draft)

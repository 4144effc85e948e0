"""The merchants' clients: they send a request until it has a response, or give up, or send twice.

A retry is always the same request. Every response goes into the request log, which checks it.
"""

import json
from collections.abc import Mapping, Sequence

from chalicelib.commands.batch import Outcome, record_batch
from chalicelib.commands.correct_category import correct_category
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
from verification.simulation.request_log import Request, RequestLog
from verification.simulation.stores.ledger_requests import TABLE
from verification.simulation.violations import DRIFT, LOST, REFUSAL, REPLAY, check
from verification.simulation.world import NoAnswerError, World

Response = RecordResult | bool | LivroCaixaError
"""An entry, the success of an erasure, or a rejection."""
REJECTIONS: Mapping[type[LivroCaixaError], str] = {
    UnavailableError: "unavailable",
    IdempotencyKeyReusedError: "key reused",
    NotFoundError: "not found",
    AlreadyReversedError: "already reversed",
    ReversalOfReversalError: "reversal of a reversal",
}
"""The trace's label of each rejection; part of all saved traces."""


class Merchants:
    """All clients, and the log of their requests."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.log = RequestLog()

    def send(self, request: Request, tries: int) -> None:
        """Send a request until it has a response, at most `tries` times."""
        for _ in range(tries):
            if self._has_response(request):
                return

    def send_batch(self, requests: Sequence[Request], tries: int) -> None:
        """Send entries of one merchant in one request, until each has a response."""
        principal = Principal(requests[0].merchant_id, "joana")

        def attempt() -> list[Outcome]:
            items = [_command(request) for request in requests]
            return record_batch(self._world.commands(), principal, items, workers=1)

        for _ in range(tries):
            for request in requests:
                self._register(request)
            try:
                outcomes = self._world.invoke(attempt)
            except NoAnswerError:
                continue
            pairs = zip(requests, outcomes, strict=True)
            are_done = [self._take_response(request, outcome) for request, outcome in pairs]
            if all(are_done):
                return

    def get_entry(self, request: Request) -> None:
        """Read a request's entry from the ledger, which must have it after the response."""
        entry = request.responses[0].entry
        reversals = [other for other in self.log.reversals_of(request) if other.responses]
        possible, sent = self.log.possible_categories(request), len(request.corrections)
        try:
            lookup = self._world.invoke(
                lambda: get_entry(self._world.commands(), request.merchant_id, entry.entry_id)
            )
        except NoAnswerError as error:
            is_missing = isinstance(error.__cause__, NotFoundError)
            check(not is_missing, LOST, f"{request.key} has a response and is not found")
            return
        self._world.trace.add("entry", lookup.entry, lookup.reversed_by)
        self.log.check_entry(request, lookup.entry)
        possible |= {each.category for each in request.corrections[sent:]}
        is_current = lookup.category in possible
        check(is_current, LOST, f"{request.key} has {lookup.category}, not one of {possible}")
        if reversals:
            reversal_id = reversals[0].responses[0].entry.entry_id
            is_reversed = lookup.reversed_by == reversal_id
            check(is_reversed, LOST, f"{request.key}: {lookup.reversed_by}")

    def correct_category(self, request: Request, category: str | None, tries: int) -> None:
        """Correct the category of a request's entry, until there is a response."""
        entry = request.responses[0].entry
        principal = Principal(request.merchant_id, "ana")
        for _ in range(tries):
            correction = self.log.begin_correction(request, category)
            try:
                current = self._world.invoke(
                    lambda: correct_category(
                        self._world.commands(), principal, entry.entry_id, category
                    )
                )
            except NoAnswerError:
                continue
            correction.answered = self.log.moment()
            is_so = current.category == category
            check(is_so, DRIFT, f"{request.key} has {current.category}, not {category}")
            return

    def _has_response(self, request: Request) -> bool:
        self._register(request)
        # Of two attempts at once, the later response may be of the earlier moment.
        target_responses = request.target.responses if request.target else ()
        must_exist = bool(request.done or request.responses or target_responses)
        disturbances = self._world.cache.disturbances
        try:
            response = self._world.invoke(lambda: self._execute(request))
        except NoAnswerError as error:
            cause = error.__cause__
            if isinstance(cause, NotFoundError):
                check(not must_exist, LOST, f"the target of {request.key} is not found")
            return isinstance(cause, LivroCaixaError) and self._take_response(request, cause)
        if request.erases and disturbances == self._world.cache.disturbances:
            request.erased_at = disturbances
        return self._take_response(request, response)

    def _register(self, request: Request) -> None:
        if not request.sent:
            self.log.requests.append(request)
        request.sent += 1

    def _execute(self, request: Request) -> RecordResult | bool:
        principal = Principal(request.merchant_id, "rui")
        if request.draft is not None:
            return record(self._world.commands(), principal, _command(request))
        target_id = target_of(request)
        if request.erases:
            return erase(self._world.commands(), principal, target_id, request.key)
        reason = str(request.body["reason"])
        reversal = ReversalRequest(target_id, request.key, request.body, reason)
        return reverse(self._world.commands(), principal, reversal)

    def _take_response(self, request: Request, response: Response) -> bool:
        """Check and log a response; return False if it only means "unavailable, try again"."""
        if isinstance(response, RecordResult):
            self._trace(request, "recorded", response.replayed, response.entry)
            self.log.add_response(request, response.stored)
            return True
        if isinstance(response, bool):
            self._trace(request, "erased", response)
            request.done += 1
            return True
        labels = (label for error, label in REJECTIONS.items() if isinstance(response, error))
        self._trace(request, "refused", next(labels, "otherwise"))
        if isinstance(response, IdempotencyKeyReusedError):
            self.log.check_key_reused(request)
        elif not isinstance(response, UnavailableError):
            self._check_rejection(request, response)
        return not isinstance(response, UnavailableError)

    def _trace(self, request: Request, *content: object) -> None:
        self._world.trace.add("answer", request.merchant_id, request.key, *content)

    def _check_rejection(self, request: Request, error: LivroCaixaError) -> None:
        message = f"{request.key} is rejected: {error!r}"
        check(request.target is not None, REFUSAL, message)
        if isinstance(error, NotFoundError):
            return
        target, is_unanswered = request.required_target, not request.responses and not request.done
        if isinstance(error, ReversalOfReversalError):
            check(is_unanswered and not target.is_entry, REFUSAL, message)
        else:
            is_rivalled = target.may_be_undone or len(self.log.reversals_of(target)) > 1
            is_reversed = isinstance(error, AlreadyReversedError)
            check(is_unanswered and is_reversed and is_rivalled, REFUSAL, message)


def check_erased_texts(world: World, log: RequestLog) -> None:
    """Check that Redis lacks the texts of erased entries.

    This holds for an erasure during and since which Redis lost nothing: it then has the erased
    entry, which later additions do not replace.
    """
    texts = world.cache.texts()
    for request in log.requests:
        if request.erased_at == world.cache.disturbances:
            entry_id = target_of(request)
            item = json.loads(texts.get(f"replay:{TABLE}:{entry_id}", '{"item": {}}'))["item"]
            left = {"description", "metadata", "text_salt"} & item.keys()
            check(not left, REPLAY, f"Redis has the erased texts of {entry_id}: {sorted(left)}")


def target_of(request: Request) -> str:
    """Return the id of the entry that a request reverses or erases."""
    target = request.required_target
    if target.recorded_entry is not None:
        return target.recorded_entry.entry_id
    if target.is_entry:
        return entry_id(target.merchant_id, target.key)
    return reversal_id_of(target_of(target))


def _command(request: Request) -> RecordEntry:
    assert request.draft is not None
    return RecordEntry(request.key, request.body, request.draft)

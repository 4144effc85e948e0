"""Entries (lançamentos): record one or many, reverse one, look one up in the ledger."""

from collections.abc import Mapping
from typing import Any

from chalicelib import observability
from chalicelib.api.conditional import tagged
from chalicelib.api.exchange import Answer, WebRequest
from chalicelib.api.models.bodies import NoBody
from chalicelib.api.models.entries import BatchBody, BatchItem, EntryBody, ReversalBody
from chalicelib.api.models.entry_answers import BatchAnswer, EntryAnswer, entry_json
from chalicelib.api.models.reading import read_body
from chalicelib.api.problems import problem_body
from chalicelib.api.views.view import Asked, Gives, NoQuery, View
from chalicelib.commands.batch import BatchItem as Item
from chalicelib.commands.batch import Outcome, record_batch
from chalicelib.commands.get_entry import get_entry
from chalicelib.commands.record import RecordEntry, RecordResult, record
from chalicelib.commands.reverse import ReversalRequest, reverse
from chalicelib.commands.wiring import ports
from chalicelib.ledger import errors
from chalicelib.ledger.errors import LivroCaixaError
from chalicelib.ledger.principal import Principal

_KEY = "idempotency_key"


def _record(asked: Asked[NoQuery, EntryBody]) -> Answer:
    submission = RecordEntry(asked.key, asked.sent, asked.body.draft())
    return _recorded(record(ports(), _caller(asked), submission))


def _record_batch(asked: Asked[NoQuery, BatchBody]) -> Answer:
    items = [_submission(item) for item in asked.body.entries]
    outcomes = record_batch(ports(), _caller(asked), items)
    results = [_result(outcome, asked.request, n) for n, outcome in enumerate(outcomes)]
    return Answer(200, {"results": results})


def _reverse(asked: Asked[NoQuery, ReversalBody]) -> Answer:
    target_id = asked.request.path_parameters["entry_id"]
    wanted = ReversalRequest(target_id, asked.key, asked.sent, asked.body.reason)
    return _recorded(reverse(ports(), _caller(asked), wanted))


def _look_up(asked: Asked[NoQuery, NoBody]) -> Answer:
    entry_id = asked.request.path_parameters["entry_id"]
    result = get_entry(ports(), asked.caller.merchant_id, entry_id)
    observability.annotate(entry_id=result.entry.entry_id)
    return tagged(asked.request, entry_json(result.entry, result.reversed_by))


def _caller(asked: Asked[Any, Any]) -> Principal:
    origin = observability.trace_header(asked.request.header("x-amzn-trace-id"))
    return Principal(asked.caller.merchant_id, asked.caller.subject, origin)


def _recorded(recorded: RecordResult) -> Answer:
    outcome = "replayed" if recorded.replayed else "recorded"
    observability.annotate(entry_id=recorded.entry.entry_id, outcome=outcome)
    _count(recorded)
    headers = {"Location": f"/v1/entries/{recorded.entry.entry_id}"}
    if recorded.replayed:
        headers["Idempotent-Replayed"] = "true"
    return Answer(201, entry_json(recorded.entry), headers)


def _submission(sent: Mapping[str, Any]) -> Item:
    try:
        item = read_body(BatchItem, sent)
    except LivroCaixaError as refusal:
        return refusal
    alone = {name: value for name, value in sent.items() if name != _KEY}
    return RecordEntry(item.idempotency_key, alone, item.draft())


def _count(outcome: Outcome) -> None:
    if isinstance(outcome, RecordResult):
        observability.count("EntriesReplayed" if outcome.replayed else "EntriesAccepted")
    else:
        is_ours = isinstance(outcome, errors.UnavailableError)
        observability.count("EntriesFailed" if is_ours else "EntriesRefused")


def _result(outcome: Outcome, request: WebRequest, position: int) -> dict[str, Any]:
    _count(outcome)
    if isinstance(outcome, RecordResult):
        return {"status": 201, "entry": entry_json(outcome.entry)}
    problem = problem_body(outcome, request, f"{request.path}#/entries/{position}")
    return {"status": problem["status"], "problem": problem}


_RECORDED = Gives(
    201,
    EntryAnswer,
    "RecordResult, now or by the same request before.",
    ("Location", "Idempotent-Replayed"),
)

record_entry = View(
    answer=_record,
    query=NoQuery,
    body=EntryBody,
    keyed=True,
    gives=[_RECORDED],
    refuses=[errors.IdempotencyKeyReusedError, errors.LedgerUnavailableError],
)

record_entries = View(
    answer=_record_batch,
    query=NoQuery,
    body=BatchBody,
    gives=[Gives(200, BatchAnswer, "Every item has its outcome, in the order sent.")],
    refuses=[errors.LedgerUnavailableError],
)

reverse_entry = View(
    answer=_reverse,
    query=NoQuery,
    body=ReversalBody,
    keyed=True,
    gives=[_RECORDED],
    refuses=[
        errors.NotFoundError,
        errors.AlreadyReversedError,
        errors.ReversalOfReversalError,
        errors.IdempotencyKeyReusedError,
        errors.LedgerUnavailableError,
    ],
)

look_up_entry = View(
    answer=_look_up,
    query=NoQuery,
    body=NoBody,
    tagged=True,
    gives=[Gives(200, EntryAnswer, "The entry, as the ledger has it.", ("ETag",))],
    refuses=[errors.NotFoundError, errors.LedgerUnavailableError],
)

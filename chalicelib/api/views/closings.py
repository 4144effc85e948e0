"""Closings (fechamentos): a day's versions, what is under their seals, and starting one."""

from datetime import date
from typing import Any

from chalicelib import observability
from chalicelib.api.conditional import tagged, with_header
from chalicelib.api.exchange import Answer
from chalicelib.api.models.bodies import NoBody
from chalicelib.api.models.closings import (
    ClosingBody,
    ClosingsAnswer,
    ConsolidationAnswer,
    KeysAnswer,
    LeavesAnswer,
    LeavesQuery,
    ProofAnswer,
    ProofQuery,
    StartedAnswer,
    consolidation_json,
)
from chalicelib.api.pages import next_link
from chalicelib.api.views.view import Asked, Gives, NoQuery, View
from chalicelib.commands import start_closing as command
from chalicelib.commands.ports import Principal
from chalicelib.commands.start_closing import ClosingRequest, start_closing
from chalicelib.ledger import errors
from chalicelib.ledger.closings import parse_version
from chalicelib.ledger.days import parse_day
from chalicelib.queries import wiring
from chalicelib.queries.closings import Version, closings, leaves, proof
from chalicelib.queries.consolidations import consolidation


def _closings(asked: Asked[NoQuery, NoBody]) -> Answer:
    result = closings(wiring.read_model(), asked.caller.merchant_id, _day(asked))
    return tagged(asked.request, {"items": result})


def _leaves(asked: Asked[LeavesQuery, NoBody]) -> Answer:
    merchant_id, query = asked.caller.merchant_id, asked.query
    number = parse_version(asked.request.path_parameters["version"])
    version = Version(_day(asked), number)
    result = leaves(wiring.read_model(), merchant_id, version, query.limit, query.cursor)
    shown = {
        "merchant": merchant_id,
        "day": version.day.isoformat(),
        "version": version.number,
        "items": result.items,
        "next_cursor": result.next_cursor,
    }
    answer = tagged(asked.request, shown)
    if result.next_cursor is None:
        return answer
    return with_header(answer, "Link", next_link(asked.request.query, result.next_cursor))


def _proof(asked: Asked[ProofQuery, NoBody]) -> Answer:
    merchant_id, entry_id = asked.caller.merchant_id, asked.query.entry
    return tagged(asked.request, proof(wiring.read_model(), merchant_id, _day(asked), entry_id))


def _public_keys(asked: Asked[NoQuery, NoBody]) -> Answer:
    return tagged(asked.request, {"keys": wiring.read_model().public_keys()})


def _start(asked: Asked[NoQuery, ClosingBody]) -> Answer:
    caller = Principal(asked.caller.merchant_id, asked.caller.subject)
    wanted = ClosingRequest(asked.body.day, asked.key, asked.sent)
    started = start_closing(command.ports(), caller, wanted)
    observability.annotate(outcome="replayed" if started.replayed else "started")
    headers = {"Location": f"/v1/consolidations/{started.consolidation_id}"}
    if started.replayed:
        headers["Idempotent-Replayed"] = "true"
    shown = StartedAnswer(consolidation_id=started.consolidation_id).model_dump(by_alias=True)
    return Answer(202, shown, headers)


def _consolidation(asked: Asked[NoQuery, NoBody]) -> Answer:
    name = asked.request.path_parameters["consolidation_id"]
    result = consolidation(wiring.describe_consolidation(), asked.caller.merchant_id, name)
    return tagged(asked.request, consolidation_json(result))


def _day(asked: Asked[Any, NoBody]) -> date:
    return parse_day(asked.request.path_parameters["day"])


list_closings = View(
    answer=_closings,
    query=NoQuery,
    body=NoBody,
    tagged=True,
    gives=[Gives(200, ClosingsAnswer, "All versions, newest first.", ("ETag",))],
    refuses=[errors.NotFoundError, errors.ReadModelUnavailableError],
)

closing_leaves = View(
    answer=_leaves,
    query=LeavesQuery,
    body=NoBody,
    tagged=True,
    gives=[
        Gives(
            200,
            LeavesAnswer,
            "A page, in the order of the tree; all leaves together make the root.",
            ("ETag", "Link"),
        )
    ],
    refuses=[errors.NotFoundError, errors.ReadModelUnavailableError],
)

entry_proof = View(
    answer=_proof,
    query=ProofQuery,
    body=NoBody,
    tagged=True,
    gives=[Gives(200, ProofAnswer, "The entry is in the newest version.", ("ETag",))],
    refuses=[errors.NotFoundError, errors.ReadModelUnavailableError],
)

public_keys = View(
    answer=_public_keys,
    query=NoQuery,
    body=NoBody,
    tagged=True,
    gives=[Gives(200, KeysAnswer, "The keys, in PEM.", ("ETag",))],
    refuses=[errors.ReadModelUnavailableError],
)

start_consolidation = View(
    answer=_start,
    query=NoQuery,
    body=ClosingBody,
    keyed=True,
    gives=[
        Gives(
            202,
            StartedAnswer,
            "Started, now or by the same request before.",
            ("Location", "Idempotent-Replayed"),
        )
    ],
    refuses=[
        errors.IdempotencyKeyReusedError,
        errors.LedgerUnavailableError,
        errors.ConsolidationUnavailableError,
    ],
)

show_consolidation = View(
    answer=_consolidation,
    query=NoQuery,
    body=NoBody,
    tagged=True,
    gives=[Gives(200, ConsolidationAnswer, "How it stands.", ("ETag",))],
    refuses=[errors.NotFoundError, errors.ConsolidationUnavailableError],
)

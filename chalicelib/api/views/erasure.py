"""Erasure (LGPD): what people wrote on an entry goes for good, and nothing else."""

from chalicelib import observability
from chalicelib.api.exchange import Answer
from chalicelib.api.models.bodies import NoBody
from chalicelib.api.models.reading import read_body
from chalicelib.api.strict_json import json_body
from chalicelib.api.views.view import Asked, Gives, NoQuery, View
from chalicelib.commands.erase import erase
from chalicelib.commands.wiring import ports
from chalicelib.ledger import errors
from chalicelib.ledger.principal import Principal


def _erase(asked: Asked[NoQuery, NoBody]) -> Answer:
    if asked.request.body:  # none is needed, and an empty object says as much
        read_body(NoBody, json_body(asked.request))
    entry_id = asked.request.path_parameters["entry_id"]
    caller = Principal(asked.caller.merchant_id, asked.caller.subject)
    replayed = erase(ports(), caller, entry_id, asked.key)
    observability.annotate(entry_id=entry_id, outcome="replayed" if replayed else "erased")
    return Answer(204, headers={"Idempotent-Replayed": "true"} if replayed else {})


erase_texts = View(
    answer=_erase,
    query=NoQuery,
    body=NoBody,
    keyed=True,
    gives=[Gives(204, None, "Erased, now or before.", ("Idempotent-Replayed",))],
    refuses=[
        errors.NotFoundError,
        errors.ValidationError,
        errors.IdempotencyKeyReusedError,
        errors.LedgerUnavailableError,
    ],
)

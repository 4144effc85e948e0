"""A view: what an operation takes and answers, said once for serving and for the document."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import BaseModel

from chalicelib.api import request_headers
from chalicelib.api.exchange import Answer, WebRequest
from chalicelib.api.models.bodies import NoBody, SentBody
from chalicelib.api.models.reading import read_body, read_query
from chalicelib.api.strict_json import json_body
from chalicelib.ledger.days import parse_day
from chalicelib.ledger.errors import BadRequestError, FieldError, LivroCaixaError, ValidationError
from chalicelib.ledger.principal import Principal

Q = TypeVar("Q", bound=BaseModel)
B = TypeVar("B", bound=SentBody)


def _version(text: str) -> object:
    # Few paths have one, and the rules of closings are long to load.
    from chalicelib.ledger.closings import parse_version

    return parse_version(text)


_PATH_RULES: Mapping[str, Callable[[str], object]] = {"day": parse_day, "version": _version}


class NoQuery(BaseModel, extra="forbid"):
    """An operation without query parameters."""


class Asked(NamedTuple, Generic[Q, B]):
    """What was asked, read and checked in form.

    `sent` is the body's JSON value before defaults, `key` the Idempotency-Key of an operation
    that takes one.
    """

    request: WebRequest
    query: Q
    body: B
    sent: Mapping[str, Any]
    key: str
    signed_in: Principal | None

    @property
    def caller(self) -> Principal:
        """Who asks; only of operations that demand a scope."""
        if self.signed_in is None:
            raise RuntimeError("An operation without a scope has no caller.")
        return self.signed_in


@dataclass(frozen=True, slots=True)
class Gives:
    """An answer that is no refusal: its model (None: no body) and the headers it carries."""

    status: int
    model: type[BaseModel] | None
    meaning: str
    headers: Sequence[str] = ()


@dataclass(frozen=True)
class View(Generic[Q, B]):
    """How an operation is answered; `refuses` are the errors that are its own beside the form's.

    `keyed` views take an Idempotency-Key, `tagged` ones answer 304 to who has the same already.
    """

    answer: Callable[[Asked[Q, B]], Answer]
    query: type[Q]
    body: type[B]
    gives: Sequence[Gives]
    refuses: Sequence[type[LivroCaixaError]] = ()
    keyed: bool = False
    tagged: bool = False

    @cached_property
    def takes_body(self) -> bool:
        """Whether the operation reads a JSON body."""
        return not issubclass(self.body, NoBody)

    def serve(self, request: WebRequest, signed_in: Principal | None) -> Answer:
        """Read the request, judge its form, answer it; raises what the view raises."""
        if self.takes_body:
            request_headers.demand_json(request)
        faults = _path_faults(request)
        key = request_headers.idempotency_key(request, faults) if self.keyed else ""
        query = read_query(self.query, request.query, faults)
        if query is None or faults:
            raise BadRequestError("The request's path, headers or query are at fault.", faults)
        sent = json_body(request) if self.takes_body else {}
        body = read_body(self.body, sent) if self.takes_body else self._no_body
        return self.answer(Asked(request, query, body, sent, key, signed_in))

    @cached_property
    def _no_body(self) -> B:
        return self.body()


def _path_faults(request: WebRequest) -> list[FieldError]:
    faults: list[FieldError] = []
    for name, parse in _PATH_RULES.items():
        try:
            if name in request.path_parameters:
                parse(request.path_parameters[name])
        except ValidationError as refusal:
            faults += refusal.faults
    return faults

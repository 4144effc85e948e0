"""From what was sent to a model, or to all its faults at once."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import pydantic
from pydantic import BaseModel
from pydantic_core import ErrorDetails

from chalicelib.api.models.bodies import SentBody, sayable
from chalicelib.ledger.errors import FieldError, ValidationError

M = TypeVar("M", bound=BaseModel)
B = TypeVar("B", bound=SentBody)

_SAID_OTHERWISE = {
    "missing": "is required",
    "extra_forbidden": "is not known here",
    "model_type": "must be a JSON object",
    "dict_type": "must be a JSON object",
    "list_type": "must be a JSON array",
    "string_type": "must be a string",
    "string_unicode": "must have no lone surrogates",
}


def read_body(model: type[B], sent: Any) -> B:
    """Return the model of a body's JSON value; raise ValidationError with every fault in it."""
    try:
        return model.model_validate(sent)
    except pydantic.ValidationError as refusal:
        faults = [*_faults(refusal), *model.further_faults(sent)]
        raise ValidationError("The body breaks rules of its fields.", faults) from None


def read_query(
    model: type[M], query: Mapping[str, Sequence[str]], faults: list[FieldError]
) -> M | None:
    """Return the model of query parameters; add every fault in them, and return None, else."""
    faults.extend(_repeated(query))
    try:
        return model.model_validate({name: values[-1] for name, values in query.items()})
    except pydantic.ValidationError as refusal:
        faults.extend(_faults(refusal))
        return None


def _repeated(query: Mapping[str, Sequence[str]]) -> Iterable[FieldError]:
    return (
        FieldError(sayable(name), "is given more than once")
        for name, values in query.items()
        if len(values) > 1
    )


def _faults(refusal: pydantic.ValidationError) -> list[FieldError]:
    errors = refusal.errors(include_url=False, include_context=True, include_input=False)
    return [FieldError(_place(error), _message(error)) for error in errors]


def _place(error: ErrorDetails) -> str:
    steps = [sayable(str(step)) for step in error["loc"] if step != "[key]"]
    return ".".join(steps) or "body"


def _message(error: ErrorDetails) -> str:
    if error["type"] == "literal_error":
        return f"must be {error['ctx']['expected']}"
    return _SAID_OTHERWISE.get(error["type"], error["msg"])

"""Requests against their models: a valid model, or every error at once."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeVar

import pydantic
from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import ErrorDetails

from chalicelib.ledger.errors import FieldError, ValidationError

_MAX_UNKNOWN_FIELDS = 100
_MAX_NAME_LENGTH = 60
_MESSAGES = {
    "missing": "is required",
    "extra_forbidden": "is not a known name",
    "model_type": "must be a JSON object",
    "dict_type": "must be a JSON object",
    "list_type": "must be a JSON array",
    "string_type": "must be a string",
    "string_unicode": "must have no lone surrogates",
}


class RequestQuery(BaseModel):
    """Query parameters by name; immutable, and unknown parameters are rejected."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class NoQuery(RequestQuery):
    """An endpoint without query parameters."""


class RequestBody(BaseModel):
    """A request body; immutable, null counts as absent, and unknown fields are rejected."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)
    is_optional: ClassVar[bool] = False

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, sent: Any) -> Any:
        if not isinstance(sent, dict):
            return sent
        known = cls.model_fields
        present = {name: v for name, v in sent.items() if name in known and v is not None}
        unknown = (name for name in sent if name not in known)
        reported = itertools.islice(unknown, _MAX_UNKNOWN_FIELDS)
        return {**present, **{printable(name): None for name in reported}}

    @classmethod
    def further_errors(cls, sent: Any) -> list[FieldError]:  # noqa: ARG003
        """Return errors of an invalid body that its fields alone do not show."""
        return []


class EmptyBody(RequestBody):
    """A body without fields, which may also be absent."""

    is_optional: ClassVar[bool] = True


Body = TypeVar("Body", bound=RequestBody)


def parse_body(model: type[Body], sent: Any) -> Body:
    """Return the model of a body's JSON value; raise ValidationError with every error in it."""
    try:
        return model.model_validate(sent)
    except pydantic.ValidationError as invalid:
        field_errors = [*_field_errors(invalid), *model.further_errors(sent)]
        raise ValidationError("Validation failed.", field_errors) from None


def parse_query(
    model: type[RequestQuery] | None,
    query: Mapping[str, Sequence[str]],
    field_errors: list[FieldError],
) -> RequestQuery | None:
    """Return the parsed query parameters; if any is invalid, add every error and return None.

    `model` is None for an endpoint without query parameters.
    """
    model = model or NoQuery
    if not query and not any(field.is_required() for field in model.model_fields.values()):
        return model.model_construct()  # only defaults: building the validator takes 20 ms
    last = {}
    for name, values in query.items():
        last[name] = values[-1]
        if len(values) > 1:
            field_errors.append(FieldError(printable(name), "is given more than once"))
    try:
        return model.model_validate(last)
    except pydantic.ValidationError as invalid:
        field_errors.extend(_field_errors(invalid))
        return None


def printable(name: str) -> str:
    """Return a name from a request as a response can quote it: short, and in UTF-8."""
    # A lone surrogate in a name would also hide every other error from pydantic.
    return name[:_MAX_NAME_LENGTH].encode("utf-8", "backslashreplace").decode()


def _field_errors(invalid: pydantic.ValidationError) -> list[FieldError]:
    errors = invalid.errors(include_url=False, include_context=True, include_input=False)
    return [FieldError(_field(error), _message(error)) for error in errors]


def _field(error: ErrorDetails) -> str:
    steps = [printable(str(step)) for step in error["loc"] if step != "[key]"]
    return ".".join(steps) or "body"


def _message(error: ErrorDetails) -> str:
    if error["type"] == "literal_error":
        return f"must be {error['ctx']['expected']}"
    return _MESSAGES.get(error["type"], error["msg"])

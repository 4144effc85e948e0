"""The schemas of the OpenAPI document (JSON Schema 2020-12), which pydantic makes from types."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from chalicelib.api.endpoint import Endpoint, Upload
from chalicelib.api.fields import Key
from chalicelib.api.problem_schema import Problem

Mode = Literal["validation", "serialization"]
_REFERENCE = "#/components/schemas/{model}"


class Schemas:
    """The schemas of all request and response bodies of these endpoints, each named once."""

    def __init__(self, endpoints: Sequence[Endpoint]) -> None:
        types = dict.fromkeys(_bodies(endpoints))
        self._references, whole = TypeAdapter.json_schemas(
            [(body, mode, TypeAdapter(body)) for body, mode in types],
            ref_template=_REFERENCE,
            schema_generator=_UntitledFields,
        )
        self._definitions: dict[str, Any] = whole.get("$defs", {})

    def components(self) -> dict[str, Any]:
        """Return the document's schemas by name; call it last, when all references were made."""
        return self._definitions

    def request(self, body: type[BaseModel]) -> Mapping[str, Any]:
        """Return the reference to the schema of a request body."""
        return self._references[(body, "validation")]

    def response(self, body: Any) -> Mapping[str, Any]:
        """Return the reference to the schema of a response body."""
        return self._references[(body, "serialization")]

    def parameters(self, model: type[BaseModel]) -> dict[str, Any]:
        """Return the schema of query parameters, with a schema for each parameter."""
        schema = model.model_json_schema(
            mode="validation", ref_template=_REFERENCE, schema_generator=_UntitledFields
        )
        self._definitions.update(schema.pop("$defs", {}))
        properties = schema.get("properties", {})
        properties.update({name: _not_nullable(part) for name, part in properties.items()})
        return schema

    def key(self) -> dict[str, Any]:
        """Return the schema of an idempotency key."""
        return TypeAdapter(Key).json_schema(mode="validation", schema_generator=_UntitledFields)


def _bodies(endpoints: Sequence[Endpoint]) -> Iterator[tuple[Any, Mode]]:
    yield Problem, "serialization"
    for endpoint in endpoints:
        if endpoint.body and not isinstance(endpoint.body, Upload):
            yield endpoint.body, "validation"
        yield from ((spec.body, "serialization") for spec in endpoint.responses if spec.body)


def _not_nullable(schema: Mapping[str, Any]) -> dict[str, Any]:
    # A query parameter is present or absent, never null.
    described = {name: part for name, part in schema.items() if name not in ("anyOf", "default")}
    for choice in schema.get("anyOf", ()):
        if choice != {"type": "null"}:
            described = {**choice, **described}
    if schema.get("default") is not None:
        described["default"] = schema["default"]
    return described


class _UntitledFields(GenerateJsonSchema):
    """Generates no titles for fields, because they would only repeat the names."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False

"""The schemas of the OpenAPI document (JSON Schema 2020-12), by pydantic from the models."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from chalicelib.api.models.problem import Problem
from chalicelib.api.models.rules import Key
from chalicelib.api.operations import Operation

Mode = Literal["validation", "serialization"]
_REFERENCE = "#/components/schemas/{model}"


class Schemas:
    """The schemas of all that these operations read and answer, each model said once."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        result, whole = models_json_schema(
            _models(operations), ref_template=_REFERENCE, schema_generator=_Untitled
        )
        self._told = result
        self._definitions: dict[str, Any] = whole.get("$defs", {})

    def components(self) -> dict[str, Any]:
        """Return the document's schemas by name, once all that refers to them was asked for."""
        return self._definitions

    def read(self, model: type[BaseModel]) -> Mapping[str, Any]:
        """Return the reference to what a body may be."""
        return self._told[(model, "validation")]

    def shown(self, model: type[BaseModel]) -> Mapping[str, Any]:
        """Return the reference to what an answer is."""
        return self._told[(model, "serialization")]

    def parameters(self, model: type[BaseModel]) -> dict[str, Any]:
        """Return the schema of query parameters, each parameter a schema of its own."""
        schema = model.model_json_schema(
            mode="validation", ref_template=_REFERENCE, schema_generator=_Untitled
        )
        self._definitions.update(schema.pop("$defs", {}))
        for name, one in schema.get("properties", {}).items():
            schema["properties"][name] = _never_null(one)
        return schema

    def key(self) -> dict[str, Any]:
        """Return the schema of an idempotency key."""
        return TypeAdapter(Key).json_schema(mode="validation", schema_generator=_Untitled)


def _models(operations: Sequence[Operation]) -> list[tuple[type[BaseModel], Mode]]:
    models: list[tuple[type[BaseModel], Mode]] = [(Problem, "serialization")]
    for operation in operations:
        view = operation.find_view()
        if view.takes_body:
            models.append((view.body, "validation"))
        models.extend((gives.model, "serialization") for gives in view.gives if gives.model)
    return models


def _never_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    # A query parameter is there or it is not; null is a thing of JSON.
    result = {name: part for name, part in schema.items() if name not in ("anyOf", "default")}
    for choice in schema.get("anyOf", ()):
        if choice != {"type": "null"}:
            result = {**choice, **result}
    if schema.get("default") is not None:
        result["default"] = schema["default"]
    return result


class _Untitled(GenerateJsonSchema):
    """Schemas whose fields have no titles, for they would only repeat the names."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False

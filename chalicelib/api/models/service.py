"""What the service says about itself."""

from typing import Any, Literal

from pydantic import BaseModel, Field

State = Literal["ok", "down"]


class Health(BaseModel, defer_build=True):
    """The function answers; nothing else was asked."""

    status: Literal["ok"] = "ok"


class Readiness(BaseModel, defer_build=True):
    """Entries can be recorded; which of the dependencies answers."""

    status: Literal["ok"] = "ok"
    dependencies: dict[str, State]


class OpenApiDocument(BaseModel, defer_build=True):
    """A document by the OpenAPI Specification 3.1."""

    openapi: str
    about: dict[str, Any] = Field(serialization_alias="info")
    paths: dict[str, Any]
    components: dict[str, Any]

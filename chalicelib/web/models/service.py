"""What the service says about itself."""

from typing import Any, Literal

from pydantic import BaseModel, Field

State = Literal["ok", "down"]


class Health(BaseModel):
    """The function answers; nothing else was asked."""

    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """Entries can be recorded; which of the dependencies answers."""

    status: Literal["ok"] = "ok"
    dependencies: dict[str, State]


class OpenApiDocument(BaseModel):
    """A document by the OpenAPI Specification 3.1."""

    openapi: str
    about: dict[str, Any] = Field(serialization_alias="info")
    paths: dict[str, Any]
    components: dict[str, Any]

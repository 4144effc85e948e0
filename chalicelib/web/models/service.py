"""What the service says about itself."""

from typing import Literal

from pydantic import BaseModel, Field


class Health(BaseModel, title="Health"):
    """The function answers; nothing else was asked."""

    status: Literal["ok"] = "ok"


class Readiness(BaseModel, title="Readiness"):
    """Whether entries can be recorded, and which dependency answers."""

    status: Literal["ok", "down"] = Field(description="`ok` while entries can be recorded.")
    dependencies: dict[str, Literal["ok", "down"]]

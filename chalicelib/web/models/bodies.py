"""What every request body has in common: unknown fields are refused, null counts as absent."""

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from chalicelib.ledger.errors import Fault


class SentBody(BaseModel):
    """A request body; read-only once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, sent: Any) -> Any:
        if not isinstance(sent, dict):
            return sent
        known = cls.model_fields
        return {
            name if name in known else _sayable(name): value
            for name, value in sent.items()
            if value is not None or name not in known
        }

    @classmethod
    def further_faults(cls, sent: Any) -> list[Fault]:  # noqa: ARG003
        """Return the faults of a refused body that its fields alone do not show."""
        return []


class NoBody(SentBody):
    """An operation that looks at no body."""


def _sayable(name: str) -> str:
    # A lone surrogate in a name would hide every other fault of the body.
    return name.encode("utf-8", "backslashreplace").decode()

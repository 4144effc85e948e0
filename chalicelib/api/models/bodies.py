"""What every request body has in common: unknown fields are refused, null counts as absent."""

import itertools
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from chalicelib.ledger.errors import FieldError

_MOST_UNKNOWN = 100
_LONGEST_NAME = 60


class SentBody(BaseModel):
    """A request body; read-only once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, sent: Any) -> Any:
        if not isinstance(sent, dict):
            return sent
        known = cls.model_fields
        kept = {name: v for name, v in sent.items() if name in known and v is not None}
        unknown = itertools.islice((name for name in sent if name not in known), _MOST_UNKNOWN)
        return {**kept, **{sayable(name): None for name in unknown}}

    @classmethod
    def further_faults(cls, sent: Any) -> list[FieldError]:  # noqa: ARG003
        """Return the faults of a refused body that its fields alone do not show."""
        return []


class NoBody(SentBody):
    """An operation that looks at no body."""


def sayable(name: str) -> str:
    """Return a name from a request so that an answer can tell it: short, and in UTF-8."""
    # A lone surrogate in a name would also hide every other fault from pydantic.
    return name[:_LONGEST_NAME].encode("utf-8", "backslashreplace").decode()

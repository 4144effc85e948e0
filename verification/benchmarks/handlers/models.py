"""The request and the answers as plain pydantic models, for every framework but our own."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field

Slug = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]
Key = Annotated[str, Field(max_length=40)]
Text = Annotated[str, Field(max_length=200)]


class SentEntry(BaseModel, extra="forbid", frozen=True):
    """An entry to be recorded."""

    type: Literal["credit", "debit"]
    amount: Annotated[str, Field(pattern=r"^[0-9]{1,13}\.[0-9]{2}$")]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "BRL"
    account: Slug = "main"
    occurred_at: AwareDatetime | None = None
    description: Text | None = None
    category: Slug | None = None
    metadata: Annotated[dict[Key, Text], Field(max_length=20)] = {}


class ShownEntry(BaseModel):
    """An entry as it is answered."""

    entry_id: str = Field(serialization_alias="id")
    type: Literal["credit", "debit"]
    amount: str
    currency: str
    account: str
    occurred_at: str
    day: str
    description: str | None
    category: str | None
    metadata: dict[str, str]
    recorded_at: datetime
    recorded_by: str
    reverses: str | None = None
    reversed_by: str | None = None


class Freshness(BaseModel):
    """How new the answer is."""

    as_of: datetime | None
    complete: bool | None


class ShownBalance(BaseModel):
    """A day's balance as it is answered."""

    day: str
    account: str | None
    currency: str
    opening: str
    credits: str
    debits: str
    closing: str
    entries: int
    status: Literal["open", "closed", "restated"]
    version: int | None
    freshness: Freshness

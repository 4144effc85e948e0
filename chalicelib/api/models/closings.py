"""Closings (fechamentos), their leaves and proofs, and consolidations, as sent and as answered."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from chalicelib.api.models.bodies import SentBody
from chalicelib.api.models.queries import DEFAULT_LIMIT, Limit, SentQuery
from chalicelib.api.models.rules import (
    AmountShape,
    CurrencyCode,
    Day,
    DayShape,
    EntryId,
    EntryIdShape,
    InstantShape,
    SlugShape,
    TotalShape,
)
from chalicelib.ledger.instants import format_instant
from chalicelib.queries.consolidations import Consolidation

HashShape = Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="SHA-256.")]
SignatureShape = Annotated[
    str, Field(pattern="^[A-Za-z0-9+/]+={0,2}$", description="ECDSA on P-256, in DER, base64.")
]


class ClosingBody(SentBody):
    """The business day to be closed."""

    day: Day


class ProofQuery(SentQuery):
    """Which entry to prove."""

    entry: EntryId


class LeavesQuery(SentQuery):
    """A page of leaves."""

    limit: Limit = DEFAULT_LIMIT
    cursor: str | None = Field(None, description="The `next_cursor` of the page before.")


class EffectAnswer(BaseModel, defer_build=True):
    """What a version says otherwise than the one before it, of an account and currency."""

    account: SlugShape
    currency: CurrencyCode
    opening: TotalShape
    credits: TotalShape
    debits: TotalShape
    closing: TotalShape
    entries: int


class LineAnswer(EffectAnswer):
    """An account and currency on a closed day, as at its sealing."""

    unsealed: TotalShape = Field(
        description="What of the opening came from earlier days that no closing held yet."
    )


class ChangesAnswer(BaseModel, defer_build=True):
    """The differences from the version before."""

    added: list[EntryIdShape]
    effect: list[EffectAnswer]


class ClosingAnswer(BaseModel, defer_build=True):
    """A sealed version of a day; it never changes."""

    format: Literal[1]
    merchant: SlugShape
    day: DayShape
    version: int
    sequence: int = Field(description="The number among all closings of the merchant.")
    previous_root: HashShape | None
    closed_at: InstantShape
    entries: int
    balances: list[LineAnswer]
    changes: ChangesAnswer | None
    repairs: int = Field(
        description="Lines in which the read model was put right before the sealing."
    )
    entries_root: HashShape
    root: HashShape
    signature: SignatureShape
    key_id: str


class ClosingsAnswer(BaseModel, defer_build=True):
    """All versions of a day, newest first."""

    items: list[ClosingAnswer]


class LeafAnswer(BaseModel, defer_build=True):
    """An entry as it stands under the root; its texts by a salted digest."""

    account: SlugShape
    amount: AmountShape
    currency: CurrencyCode
    day: DayShape
    entry: EntryIdShape
    occurred_at: InstantShape
    recorded_at: InstantShape
    reverses: EntryIdShape | None
    text_digest: str
    type: Literal["credit", "debit"]


class LeavesAnswer(BaseModel, defer_build=True):
    """A page of what is under a version's root, in the order of the tree."""

    merchant: SlugShape
    day: DayShape
    version: int
    items: list[LeafAnswer]
    next_cursor: str | None = Field(description="What to ask for next; null at the end.")


class StepAnswer(BaseModel, defer_build=True):
    """A sibling on the way up to the root."""

    side: Literal["left", "right"]
    hash: HashShape


class ProofAnswer(BaseModel, defer_build=True):
    """That an entry is in the newest version of a day: checkable with the public key alone."""

    merchant: SlugShape
    day: DayShape
    version: int
    sequence: int
    entry: EntryIdShape
    leaf: LeafAnswer
    path: list[StepAnswer]
    root: HashShape
    signature: SignatureShape
    key_id: str


class KeysAnswer(BaseModel, defer_build=True):
    """The public halves of all keys that ever sealed a closing, in PEM, by their ids."""

    keys: dict[str, str]


class StartedAnswer(BaseModel, defer_build=True):
    """The consolidation that was started."""

    consolidation_id: str = Field(serialization_alias="id")


class ConsolidationAnswer(StartedAnswer):
    """How a consolidation stands; its counts are null until they are known."""

    status: Literal["running", "succeeded", "failed"]
    started_at: InstantShape
    stopped_at: InstantShape | None
    merchants: int | None
    closed: int | None = Field(description="Versions of days that it made.")
    repaired: int | None = Field(description="Lines in which it put the read model right.")
    failed: int | None = Field(description="Merchants whose days it could not close.")


def consolidation_json(found: Consolidation) -> dict[str, Any]:
    """Return a consolidation as the contract shows it."""
    answer = ConsolidationAnswer(
        consolidation_id=found.consolidation_id,
        status=found.status,
        started_at=format_instant(found.started_at),
        stopped_at=format_instant(found.stopped_at) if found.stopped_at else None,
        **found.counts,
    )
    return answer.model_dump(by_alias=True)

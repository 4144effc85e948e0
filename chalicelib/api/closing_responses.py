"""The responses of closings (fechamentos), their leaves and their proofs."""

from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from chalicelib.api.fields import (
    AmountSchema,
    CurrencyCode,
    DaySchema,
    EntryIdSchema,
    InstantSchema,
    SlugSchema,
    TotalSchema,
)
from chalicelib.ledger.seals import MOST_NAMED

HashSchema = Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="SHA-256.")]
SignatureSchema = Annotated[
    str, Field(pattern="^[A-Za-z0-9+/]+={0,2}$", description="ECDSA on P-256, in DER, base64.")
]


class EffectResponse(TypedDict):
    """Changes against the previous version, in one account and currency."""

    account: SlugSchema
    currency: CurrencyCode
    opening: TotalSchema
    credits: TotalSchema
    debits: TotalSchema
    closing: TotalSchema
    entries: int


class ClosedBalanceResponse(EffectResponse):
    """The balance of an account in a currency on a closed day, as of sealing."""

    unsealed: Annotated[
        TotalSchema,
        Field(
            description="Zero; in closings of earlier releases, the part of the opening balance "
            "that comes from entries of earlier days that no closing held yet."
        ),
    ]


class ChangesResponse(TypedDict):
    """The differences from the previous version."""

    added: Annotated[
        list[EntryIdSchema] | None,
        Field(
            description=(
                f"Null if more than {MOST_NAMED:,} entries were added; they are the leaves that "
                "the previous version lacks."
            )
        ),
    ]
    added_count: NotRequired[
        Annotated[int, Field(description="How many entries were added, if `added` is null.")]
    ]
    effect: list[EffectResponse]


class ClosingResponse(TypedDict):
    """A sealed version of a day; it never changes."""

    format: Literal[1]
    merchant: SlugSchema
    day: DaySchema
    version: int
    sequence: Annotated[int, Field(description="The number among all closings of the merchant.")]
    previous_root: HashSchema | None
    closed_at: InstantSchema
    entries: int
    balances: list[ClosedBalanceResponse]
    changes: ChangesResponse | None
    repairs: Annotated[
        int,
        Field(
            description="Number of lines (the entries or a total of one account or category, in "
            "one currency) that differed from the ledger and were repaired before sealing."
        ),
    ]
    entries_root: HashSchema
    root: HashSchema
    signature: SignatureSchema
    key_id: str


class ClosingsResponse(TypedDict):
    """A page of a day's versions, newest first."""

    items: list[ClosingResponse]
    next_cursor: Annotated[
        str | None, Field(description="The `cursor` of the next page; null on the last page.")
    ]


class LeafTextResponse(TypedDict):
    """What a leaf's `text_digest` was made from; the salt makes the digest impossible to guess."""

    salt: str
    description: str | None
    metadata: dict[str, str]


class LeafResponse(TypedDict):
    """A leaf of the Merkle tree; texts are replaced by salted digests."""

    account: SlugSchema
    amount: AmountSchema
    currency: CurrencyCode
    day: DaySchema
    entry: EntryIdSchema
    occurred_at: InstantSchema
    recorded_at: InstantSchema
    reverses: EntryIdSchema | None
    text_digest: str
    type: Literal["credit", "debit"]


class OpenLeafResponse(LeafResponse):
    """A leaf, with `texts=true` together with its texts, null after their erasure."""

    text: NotRequired[LeafTextResponse | None]


class LeavesResponse(TypedDict):
    """A page of the leaves under a version's root, in the order of the tree."""

    merchant: SlugSchema
    day: DaySchema
    version: int
    items: list[OpenLeafResponse]
    next_cursor: Annotated[
        str | None, Field(description="The `cursor` of the next page; null on the last page.")
    ]


class StepResponse(TypedDict):
    """A sibling on the path from a leaf to the root."""

    side: Literal["left", "right"]
    hash: HashSchema


class ProofResponse(TypedDict):
    """Proof that the latest version of a day contains an entry; the public key verifies it."""

    merchant: SlugSchema
    day: DaySchema
    version: int
    sequence: int
    entry: EntryIdSchema
    leaf: LeafResponse
    path: list[StepResponse]
    root: HashSchema
    signature: SignatureSchema
    key_id: str


class HeadResponse(TypedDict):
    """The newest closing of a merchant. Keep it: it proves later that no closing was removed."""

    merchant: SlugSchema
    sequence: int
    day: DaySchema
    version: int
    root: HashSchema
    signature: SignatureSchema
    key_id: str
    public_key: Annotated[str, Field(description="The public key of the signature, in PEM.")]


class KeysResponse(TypedDict):
    """The public keys in PEM of all keys that ever sealed a closing, by key id."""

    keys: dict[str, str]

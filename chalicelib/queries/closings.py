"""Closings (fechamentos): a day's versions, the leaves of one, and the proof that an entry is in.

What was sealed is answered as it was sealed; leaves are made anew from the entries, byte for byte,
and held against the root before any of them is given.
"""

import json
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from chalicelib.ledger.entries import is_entry_id
from chalicelib.ledger.errors import NotFoundError, ReadModelUnavailableError
from chalicelib.ledger.seals import JsonObject, entries_root, proof_of
from chalicelib.queries import cursors

LEAVES_AT_ONCE = 10_000
"""How many leaves are read in one statement, which must be short."""
_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Version:
    """A numbered version of a day."""

    day: date
    number: int


@dataclass(frozen=True, slots=True)
class LeafReading:
    """Leaves from just above an id on, one more than asked for if there are so many.

    `secret` seals cursors.
    """

    leaves: Sequence[bytes]
    secret: bytes


@dataclass(frozen=True, slots=True)
class LeafPage:
    """A page of leaves in the order of the tree, and the cursor of the next one."""

    items: Sequence[JsonObject]
    next_cursor: str | None


def closings(read_model: "ClosingReads", merchant_id: str, day: date) -> list[JsonObject]:
    """Return all versions of a day, newest first; raise NotFoundError where there is none yet."""
    result = read_model.closings(merchant_id, day)
    if not result:
        raise NotFoundError(f"{day} has no closing yet.")
    return result


def leaves(
    read_model: "ClosingReads",
    merchant_id: str,
    version: Version,
    limit: int = 50,
    cursor: str | None = None,
) -> LeafPage:
    """Return a page of what is under a version's root.

    Raises NotFoundError where there is no such version, InvalidQueryError for a cursor of something
    else, and ReadModelUnavailableError while the read model holds other entries than were sealed,
    on any page.
    """
    claim = None if cursor is None else cursors.read(cursor)
    above = "" if claim is None else _place(claim)
    result = read_model.closings(merchant_id, version.day)
    held = _held(read_model, merchant_id, version)
    scope = cursors.scope(merchant_id, version)
    if claim is not None:
        claim.check(held.secret, scope)
    sealed = next((one for one in result if one["version"] == version.number), None)
    if sealed is None:
        raise NotFoundError(f"{version.day} has no version {version.number}.")
    _check(sealed, held)
    start = bisect_right(held.leaves, above, key=_entry_of)
    items = [json.loads(leaf) for leaf in held.leaves[start : start + limit]]
    if start + limit >= len(held.leaves):
        return LeafPage(items, None)
    return LeafPage(items, cursors.seal(held.secret, scope, (items[-1]["entry"],)))


def proof(read_model: "ClosingReads", merchant_id: str, day: date, entry_id: str) -> JsonObject:
    """Return the proof that an entry is in the newest version of a day.

    Raises NotFoundError where the day has no closing or its newest version does not hold the entry,
    and ReadModelUnavailableError while the read model holds other entries than were sealed.
    """
    newest = closings(read_model, merchant_id, day)[0]
    if not is_entry_id(entry_id):
        return proof_of(newest, [], entry_id)
    held = _held(read_model, merchant_id, Version(day, newest["version"]))
    _check(newest, held)
    return proof_of(newest, held.leaves, entry_id)


def _held(read_model: "ClosingReads", merchant_id: str, version: Version) -> LeafReading:
    """Return all leaves of a version as the read model has them now."""
    held: list[bytes] = []
    above = ""
    while True:
        page = read_model.leaves(merchant_id, version, above, LEAVES_AT_ONCE)
        held += page.leaves[:LEAVES_AT_ONCE]
        if len(page.leaves) <= LEAVES_AT_ONCE:
            return LeafReading(held, page.secret)
        above = _entry_of(held[-1])


def _check(sealed: JsonObject, held: LeafReading) -> None:
    if entries_root(held.leaves).hex() != sealed["entries_root"]:
        raise ReadModelUnavailableError(
            "The read model is not what was sealed; the next consolidation puts it right.", _HOUR
        )


def _entry_of(leaf: bytes) -> str:
    entry: str = json.loads(leaf)["entry"]
    return entry


def _place(claim: cursors.Claim) -> str:
    place = claim.place()
    if len(place) != 1 or not is_entry_id(place[0]):
        raise cursors.refusal()
    return place[0]


class ClosingReads(Protocol):
    """Where closings are read: PostgreSQL, or a memory."""

    def closings(self, merchant_id: str, day: date) -> list[dict[str, Any]]:
        """Return a day's closings as published, newest first."""
        ...

    def leaves(self, merchant_id: str, version: Version, above: str, limit: int) -> LeafReading:
        """Return leaves of a version in the order of the tree."""
        ...

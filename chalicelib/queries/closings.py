"""Closings (fechamentos): a day's versions, the leaves of a version, and proofs of inclusion.

Closings are returned byte for byte as they were sealed. Leaves are recomputed from the entries. A
leaf is returned only if it leads to the sealed root: through the stored subtrees of a large day, so
that a page or a proof needs at most 512 leaves, or together with all other leaves.
"""

import json
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from chalicelib.ledger.entries import is_entry_id
from chalicelib.ledger.errors import NotFoundError, ReadModelUnavailableError
from chalicelib.ledger.seals import JsonObject, entries_root, proof_of
from chalicelib.ledger.subtrees import LeafRange, Subtree, entry_of, root_over
from chalicelib.queries import cursors

LEAVES_PER_READ = 10_000
"""How many leaves one statement reads, because a statement must be short."""
_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Version:
    """A numbered version of a day."""

    day: date
    number: int


@dataclass(frozen=True, slots=True)
class LeafRows:
    """Leaves of a version in the order of the tree, with the root that it sealed over all of them.

    They are those of one or two subtrees; if it has no subtrees, its first leaves, one more than
    the limit if there are more. `entries_root` is None if there is no such version. `secret` signs
    cursors.
    """

    entries_root: str | None
    subtrees: Sequence[Subtree]
    leaves: Sequence[bytes]
    secret: bytes


@dataclass(frozen=True, slots=True)
class LeafPage:
    """A page of leaves in the tree's order, and the cursor of the next page, None at the end."""

    items: Sequence[JsonObject]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class ClosingPage:
    """A page of a day's versions, and the cursor of the next page, None at the end."""

    items: Sequence[JsonObject]
    next_cursor: str | None


def closings(read_model: "ClosingReads", merchant_id: str, day: date) -> list[JsonObject]:
    """Return all versions of a day, newest first; raise NotFoundError when there is none."""
    versions = read_model.closings(merchant_id, day)
    if not versions:
        raise NotFoundError(f"{day} has no closing yet.")
    return versions


def closing_page(
    read_model: "ClosingReads",
    merchant_id: str,
    day: date,
    limit: int = 50,
    cursor: str | None = None,
    fitting: Callable[[Sequence[JsonObject]], int] = len,
) -> ClosingPage:
    """Return a page of a day's versions, newest first.

    `fitting` returns how many of the versions the page can hold. Raises NotFoundError when the day
    has none, and InvalidQueryError for a cursor of another list.
    """
    claim = None if cursor is None else cursors.read(cursor)
    versions: Sequence[JsonObject] = closings(read_model, merchant_id, day)
    scope = cursors.scope(merchant_id, Version(day, 0))
    if claim is not None:
        versions = _older(versions, claim, scope)
    items = versions[:limit]
    items = items[: fitting(items)]
    if len(items) == len(versions):
        return ClosingPage(items, None)
    last = items[-1]
    return ClosingPage(items, cursors.seal(_secret(last), scope, (str(last["version"]),)))


def leaves(
    read_model: "ClosingReads",
    merchant_id: str,
    version: Version,
    limit: int = 50,
    cursor: str | None = None,
    fitting: Callable[[Sequence[JsonObject]], int] = len,
) -> LeafPage:
    """Return a page of up to 256 leaves under a version's root.

    `fitting` returns how many of the leaves a page can hold. Raises NotFoundError when the version
    does not exist, InvalidQueryError for a cursor of another list, and ReadModelUnavailableError
    while the read model differs from what was sealed.
    """
    claim = None if cursor is None else cursors.read(cursor)
    above = "" if claim is None else _entry_id(claim)
    rows = read_model.leaves(merchant_id, version, above, LEAVES_PER_READ)
    scope = cursors.scope(merchant_id, version)
    if claim is not None:
        claim.check(rows.secret, scope)
    if rows.entries_root is None:
        raise NotFoundError(f"{version.day} has no version {version.number}.")
    sealed = _sealed_leaves(read_model, merchant_id, version, above, rows)
    start = bisect_right(sealed.leaves, above, key=entry_of)
    items = [json.loads(leaf) for leaf in sealed.leaves[start : start + limit]]
    items = items[: fitting(items)]
    if sealed.reaches_end and start + len(items) >= len(sealed.leaves):
        return LeafPage(items, None)
    return LeafPage(items, cursors.seal(rows.secret, scope, (items[-1]["entry"],)))


def proof(read_model: "ClosingReads", merchant_id: str, day: date, entry_id: str) -> JsonObject:
    """Return the proof that the newest version of a day includes an entry.

    Raises NotFoundError when the day has no closing or its newest version does not include the
    entry, and ReadModelUnavailableError while the read model differs from what was sealed.
    """
    newest = closings(read_model, merchant_id, day)[0]
    if not is_entry_id(entry_id):
        return proof_of(newest, [], entry_id)
    version, above = Version(day, newest["version"]), entry_id[:-1]  # it sorts right before the id
    rows = read_model.leaves(merchant_id, version, above, LEAVES_PER_READ)
    sealed = _sealed_leaves(read_model, merchant_id, version, above, rows)
    return proof_of(newest, sealed.leaves, entry_id, sealed.path)


def _older(
    versions: Sequence[JsonObject], claim: cursors.Claim, scope: bytes
) -> Sequence[JsonObject]:
    """Return the versions after the one that a cursor names."""
    for number, item in enumerate(versions):
        if claim.position() == (str(item["version"]),):
            claim.check(_secret(item), scope)
            return versions[number + 1 :]
    raise cursors.invalid_cursor()


def _secret(item: JsonObject) -> bytes:
    # Who knows a version's signature has read it already, and may go on to the older ones.
    return str(item["signature"]).encode()


def _sealed_leaves(
    read_model: "ClosingReads", merchant_id: str, version: Version, above: str, rows: LeafRows
) -> LeafRange:
    """Return leaves that lead to the sealed root, among them those that follow an entry id."""
    if rows.subtrees and root_over(rows.subtrees).hex() == rows.entries_root:
        first = bisect_right([subtree.last_entry for subtree in rows.subtrees], above)
        part = LeafRange(rows.leaves, rows.subtrees, first)
        if part.is_intact:
            return part
    all_leaves = _all_leaves(read_model, merchant_id, version, rows)
    if entries_root(all_leaves).hex() != rows.entries_root:
        raise ReadModelUnavailableError(
            "The read model differs from the sealed closing; the next consolidation repairs it.",
            _HOUR,
        )
    return LeafRange(all_leaves)


def _all_leaves(
    read_model: "ClosingReads", merchant_id: str, version: Version, rows: LeafRows
) -> list[bytes]:
    def leaves_above(above: str) -> Sequence[bytes]:
        return read_model.further_leaves(merchant_id, version, above, LEAVES_PER_READ)

    leaves = leaves_above("") if rows.subtrees else rows.leaves
    all_leaves = list(leaves[:LEAVES_PER_READ])
    while len(leaves) > LEAVES_PER_READ:
        leaves = leaves_above(entry_of(all_leaves[-1]))
        all_leaves += leaves[:LEAVES_PER_READ]
    return all_leaves


def _entry_id(claim: cursors.Claim) -> str:
    parts = claim.position()
    if len(parts) != 1 or not is_entry_id(parts[0]):
        raise cursors.invalid_cursor()
    return parts[0]


class ClosingReads(Protocol):
    """The source of closings: PostgreSQL, or a test's memory."""

    def closings(self, merchant_id: str, day: date) -> list[dict[str, Any]]:
        """Return a day's closings as published, newest first."""
        ...

    def leaves(self, merchant_id: str, version: Version, above: str, limit: int) -> LeafRows:
        """Return a version's subtrees and the leaves of two: those that follow an entry id.

        Without subtrees, its first `limit` + 1 leaves.
        """
        ...

    def further_leaves(
        self, merchant_id: str, version: Version, above: str, limit: int
    ) -> Sequence[bytes]:
        """Return up to `limit` + 1 leaves of a version, of entry ids greater than `above`."""
        ...

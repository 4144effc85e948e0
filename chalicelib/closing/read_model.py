"""The read model in PostgreSQL as closing reads and writes it, in the role livro_closer."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from chalicelib.closing import sql
from chalicelib.storage.postgres import Connections, sqlstate

# What only closing needs is imported where it is used: planning and summing up start without it.
if TYPE_CHECKING:
    from chalicelib.closing.day_state import DayState, Row
    from chalicelib.closing.differences import Difference
    from chalicelib.closing.ports import ClosingKey, MerchantDays, SealedClosing, SweepSegment

PAGE = 50
_PAGE_BYTES = 4_000_000
"""After this many bytes of closings, a page of them ends."""
_UNIQUE_VIOLATION = "23505"


class ClosingStore:
    """The read model of a deployment; every operation may be repeated."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def boundaries(self, parts: int) -> list[str]:
        """Return the first merchants of up to `parts` equal ranges, in order."""
        return [first for (first,) in self._rows(sql.BOUNDARIES, parts=parts)]

    def merchants(
        self, first: str, before: str | None, after: str | None, until: date
    ) -> "list[MerchantDays]":
        """Return up to 50 merchants, in order, with their changed days up to `until`."""
        values = {"first": first, "before": before, "after": after, "until": until, "page": PAGE}
        return _merchant_days(self._rows(sql.MERCHANTS, **values))

    def newest_projected(self, merchant_id: str | None, limit: int) -> dict[str, datetime | None]:
        """Return when the newest projected entry of each merchant was recorded; None without any.

        With `merchant_id`, of this merchant; else of the `limit` merchants with the newest entries.
        """
        rows = dict(self._rows(sql.NEWEST_PROJECTED, merchant=merchant_id, limit=limit))
        return rows or ({merchant_id: None} if merchant_id else {})

    def day_state(self, merchant_id: str, day: date) -> "DayState":
        """Return everything about a day by one statement, so as of one moment."""
        from chalicelib.closing.day_state import parse_day_state

        rows = self._rows(sql.statement("day_state.sql"), merchant=merchant_id, day=day)
        return parse_day_state(rows[0][0], merchant_id, day)

    def idle(self, merchants: Sequence[str], day: date) -> list[str]:
        """Return the merchants of which the read model has nothing of a day, and never had."""
        values = {"merchants": _array(merchants), "day": day}
        rows = self._rows(sql.statement("idle_merchants.sql"), **values)
        return [merchant_id for (merchant_id,) in rows]

    def rows(self, entry_ids: Sequence[str]) -> "dict[str, Row]":
        """Return the rows with these ids, whatever merchant and day they name."""
        from chalicelib.closing.day_state import parse_row

        texts = self._rows(sql.ROWS, entry_ids=_array(entry_ids))
        rows = [parse_row(json.loads(text)) for (text,) in texts]
        return {row.entry.entry_id: row for row in rows}

    def inconsistent_days(
        self, merchants: Sequence[str], until: date, every: int
    ) -> "list[MerchantDays]":
        """Return days on which the read model contradicts itself or its closings."""
        values = {"merchants": _array(merchants), "until": until, "every": every}
        return _merchant_days(self._rows(sql.statement("inconsistent_days.sql"), **values))

    def wrong_newest(self, merchants: Sequence[str], until: date, every: int) -> list[str]:
        """Return those of these merchants whose newest moment of recording is not their entries'.

        One in `every` is checked, others on the next days.
        """
        values = {"merchants": _array(merchants), "until": until, "every": every}
        return [merchant_id for (merchant_id,) in self._rows(sql.WRONG_NEWEST, **values)]

    def recompute_sealed(self, merchant_id: str) -> None:
        """Make the sums of a merchant's closings what the closings say."""
        self._rows(sql.RECOMPUTE_SEALED, merchant=merchant_id)

    def rebuild_status(self) -> tuple[bool, bool]:
        """Return whether the read model is empty, and whether a rebuild of it has not ended."""
        is_empty, is_being_rebuilt = self._rows(sql.REBUILD_STATUS)[0]
        return is_empty, is_being_rebuilt

    def mark_reconciled(self, merchants: Sequence[str], until: date) -> None:
        """Store that all days of these merchants up to `until` are reconciled."""
        self._rows(sql.MARK_RECONCILED, merchants=_array(merchants), until=until)

    def record_differences(
        self, state: "DayState", differences: "Sequence[Difference]", run: str, at: datetime
    ) -> None:
        """Store what differed, once for each line and version."""
        lines = [
            [line.what, line.name, line.currency, json.dumps(line.differed)] for line in differences
        ]
        self._rows(
            sql.RECORD_DIFFERENCES,
            merchant=state.merchant_id,
            day=state.day,
            version=state.newest["version"] if state.newest else 0,
            lines=json.dumps(lines),
            run=run,
            at=at,
        )

    def clear_change(self, merchant_id: str, day: date, change_id: int) -> None:
        """Mark a day as unchanged, unless it has changed since this change."""
        self._rows(sql.CLEAR_CHANGE, merchant=merchant_id, day=day, change_id=change_id)

    def insert_closing(self, sealed: "SealedClosing") -> bool:
        """Insert a closing by one statement; return False if its version or sequence is taken."""
        try:
            self._rows(sql.statement("insert_closing.sql"), **_values(sealed))
        except Exception as error:
            if sqlstate(error) == _UNIQUE_VIOLATION:
                return False
            raise
        return True

    def pending(self, merchants: Sequence[str]) -> "list[ClosingKey]":
        """Return the closings of these merchants that may not be archived and announced yet."""
        rows = self._rows(sql.PENDING, merchants=_array(merchants))
        return [(merchant_id, sequence) for merchant_id, sequence in rows]

    def closing(self, key: "ClosingKey") -> tuple[Mapping[str, Any], list[bytes]]:
        """Return a closing as published, with the leaves of its entries as they are now."""
        from chalicelib.closing.day_state import parse_row
        from chalicelib.ledger.seals import leaves_of

        rows = self._rows(sql.CLOSING, merchant=key[0], sequence=key[1])
        published, of_day, sealed_ids = map(json.loads, rows[0])
        sealed = set(sealed_ids)
        return published, leaves_of(parse_row(row).entry for row in of_day if row[0] in sealed)

    def closings_between(self, merchant_id: str, first: int, last: int) -> list[Mapping[str, Any]]:
        """Return the closings with sequence numbers from `first` to `last`, newest first.

        Of large ones, only the first are returned, and at least one.
        """
        values = {"merchant": merchant_id, "first": first, "last": last, "bytes": _PAGE_BYTES}
        rows = self._rows(sql.CLOSINGS_BETWEEN, **values)
        return [json.loads(published) for (published,) in rows]

    def mark_delivered(self, keys: "Sequence[ClosingKey]") -> None:
        """Store that these closings are archived and announced."""
        merchants, sequences = _array(key[0] for key in keys), _array(str(key[1]) for key in keys)
        self._rows(sql.MARK_DELIVERED, merchants=merchants, sequences=sequences)

    def due_segment(self, lane: int, lanes: int, until: date) -> "SweepSegment | None":
        """Return a lane's most overdue segment of those that are due on a day, None without any."""
        from chalicelib.closing.ports import SweepSegment

        rows = self._rows(sql.DUE_SEGMENT, lane=lane, lanes=lanes, until=until)
        return SweepSegment(*rows[0]) if rows else None

    def move_segment(self, segment: "SweepSegment", position: str | None, due_on: date) -> None:
        """Store where a segment continues and when it is due, unless another run has moved it."""
        before = {"number": segment.number, "was_at": segment.position, "was_due": segment.due_on}
        self._rows(sql.MOVE_SEGMENT, **before, position=position, due_on=due_on)

    def sweep_overdue(self, day: date) -> int:
        """Return for how many days the most overdue segment is due on a day; 0 if none is."""
        days: int = self._rows(sql.SWEEP_OVERDUE, day=day)[0][0]
        return days

    def counts(self, run: str) -> tuple[int, int]:
        """Return how many closings and repairs a run made."""
        closed, repaired = self._rows(sql.COUNTS, run=run)[0]
        return closed, repaired

    def public_keys(self) -> dict[str, str]:
        """Return the public keys (PEM) by their ids, which the API returns."""
        return dict(self._rows(sql.PUBLIC_KEYS))

    def store_key(self, key_id: str, public_key: str) -> None:
        """Store the public half of a signing key, in PEM, unless the key is stored already."""
        self._rows(sql.STORE_KEY, key_id=key_id, public_key=public_key)

    def _rows(self, statement: str, **values: Any) -> list[list[Any]]:
        return self._connections.use(lambda session: session.rows(statement, **values))


def _merchant_days(rows: Iterable[Sequence[Any]]) -> "list[MerchantDays]":
    from chalicelib.closing.ports import MerchantDays

    return [
        MerchantDays(
            merchant_id,
            tuple(date.fromisoformat(day) for day in json.loads(days)),
            *(day and date.fromisoformat(day) for day in until),
        )
        for merchant_id, days, *until in rows
    ]


def _values(sealed: "SealedClosing") -> dict[str, Any]:
    from chalicelib.ledger.encoding import canonical_json
    from chalicelib.ledger.subtrees import subtrees_of

    item, effects, subtrees = sealed.item, sealed.effects, subtrees_of(sealed.leaves)
    return {
        **{name: item[name] for name in ("merchant", "day", "version", "sequence")},
        **{name: item[name] for name in ("root", "key_id")},
        "published": canonical_json(item).decode(),
        "run": sealed.run,
        "change_id": sealed.change_id,
        "added": _array(sealed.added),
        "currencies": _array(line.currency for line in effects),
        "accounts": _array(line.account for line in effects),
        "nets": _array(str(line.totals.net_minor) for line in effects),
        "counts": _array(str(line.totals.entries) for line in effects),
        "last_entries": _array(subtree.last_entry for subtree in subtrees),
        "subtree_roots": _array(subtree.root.hex() for subtree in subtrees),
    }


def _array(values: Iterable[str]) -> str:
    # Ids, slugs and numbers contain no quotes, backslashes or commas.
    return "{" + ",".join(f'"{value}"' for value in values) + "}"

"""The read model in memory as a consolidation run uses it; each call is one statement."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from chalicelib.closing.chain import head_of
from chalicelib.closing.day_state import DayState, Row
from chalicelib.closing.differences import Difference
from chalicelib.closing.ports import ClosingKey, MerchantDays, SealedClosing, SweepSegment
from chalicelib.ledger.encoding import canonical_json
from chalicelib.ledger.seals import leaves_of
from verification.kit.reference_model import month_start, year_start
from verification.simulation.faults import FaultProxy, port
from verification.simulation.stores import sums
from verification.simulation.stores.read_model import no_response
from verification.simulation.stores.rows import ClosingRow
from verification.simulation.stores.tables import Tables


def _move_sent(segment: SweepSegment, position: str | None, due_on: date) -> tuple[object, ...]:
    return (segment.number, segment.due_on, segment.position, position, due_on)


class MemoryClosingStore:
    """The read model with its closings; `page` is the number of merchants per page."""

    _fault = staticmethod(no_response)

    def __init__(self, tables: Tables, proxy: FaultProxy, page: int = 50) -> None:
        self._tables = tables
        self._proxy = proxy
        self._page = page

    @port("closings.boundaries")
    def boundaries(self, parts: int) -> list[str]:
        """Return the first merchants of up to `parts` equal ranges, in order."""
        names = sorted(self._tables.merchants)
        small, larger = divmod(len(names), parts)
        sizes = [small + (number < larger) for number in range(parts)]
        return [names[sum(sizes[:number])] for number in range(parts) if sizes[number]]

    @port("closings.merchants")
    def merchants(
        self, first: str, before: str | None, after: str | None, until: date
    ) -> list[MerchantDays]:
        """Return a page of merchants, in order, with their changed days up to `until`."""
        upto = (name for name in sorted(self._tables.merchants) if before is None or name < before)
        names = [name for name in upto if name >= first and (after is None or name > after)]
        changed = sorted(key for key in self._tables.unsealed if key[1] <= until)
        days = {name: tuple(day for who, day in changed if who == name) for name in names}
        until_of = self._tables.reconciled_until
        return [MerchantDays(name, days[name], until_of(name)) for name in names[: self._page]]

    @port("closings.newest")
    def newest_projected(self, merchant_id: str | None, limit: int) -> dict[str, datetime | None]:
        """Return by merchant when its newest included entry was recorded."""
        known = self._tables.merchants
        if merchant_id is not None:
            return {merchant_id: known.get(merchant_id)}
        newest = sorted(known.items(), key=lambda row: -row[1].timestamp() if row[1] else 0.0)
        return dict(newest[:limit])

    @port("closings.day_state")
    def day_state(self, merchant_id: str, day: date) -> DayState:
        """Return the whole state of a day, in one snapshot."""
        tables = self._tables
        versions = tables.versions(merchant_id, day)
        newest = versions[-1].item if versions else None
        last = max((number for name, number in tables.closings if name == merchant_id), default=0)
        about = (merchant_id, day, newest["version"] if newest else 0)
        return DayState(
            merchant_id=merchant_id,
            day=day,
            rows={row.entry.entry_id: sums.day_row(row) for row in tables.of_day(merchant_id, day)},
            day_totals=sums.of(tables.days, merchant_id, day),
            category_totals=sums.of(tables.categories, merchant_id, day),
            month=sums.period(tables.months, tables.days, month_start, merchant_id, day),
            year=sums.period(tables.years, tables.months, year_start, merchant_id, day),
            prior_balances=sums.before(tables, merchant_id, day),
            change_id=tables.unsealed.get((merchant_id, day)),
            head=head_of(tables.closings[merchant_id, last].item) if last else None,
            closed_before=tables.closed_before(merchant_id, day),
            newest=newest,
            sealed_ids=frozenset(tables.sealed.get((merchant_id, day), ())),
            repairs=sum(line[:3] == about for line in tables.repairs),
        )

    @port("closings.idle")
    def idle(self, merchants: Sequence[str], day: date) -> list[str]:
        """Return the merchants of which there is nothing of a day, and never was."""
        return [name for name in merchants if sums.is_idle(self._tables, name, day)]

    @port("closings.rows")
    def rows(self, entry_ids: Sequence[str]) -> dict[str, Row]:
        """Return the rows of these ids."""
        rows = self._tables.entries
        return {name: sums.day_row(rows[name]) for name in entry_ids if name in rows}

    @port("closings.inconsistent_days")
    def inconsistent_days(
        self, merchants: Sequence[str], until: date, every: int
    ) -> list[MerchantDays]:
        """Return days on which the read model contradicts itself or its closings."""
        result = (
            MerchantDays(name, sums.inconsistent_days(self._tables, name, until, every))
            for name in sorted(merchants)
        )
        return [merchant for merchant in result if merchant.days]

    @port("closings.wrong_newest")
    def wrong_newest(self, merchants: Sequence[str], until: date, every: int) -> list[str]:
        """Return the merchants whose newest moment is wrong, all on a day that `every` divides."""
        if until.toordinal() % every:
            return []
        return [name for name in merchants if self._tables.is_behind(name)]

    @port("closings.recompute_sealed")
    def recompute_sealed(self, merchant_id: str) -> None:
        """Do nothing: the sums of closings are computed when they are read."""

    @port("closings.rebuild_status")
    def rebuild_status(self) -> tuple[bool, bool]:
        """Return whether the read model is empty, and whether a rebuild has begun and not ended."""
        return not self._tables.merchants, self._tables.is_being_rebuilt

    @port("closings.mark_reconciled")
    def mark_reconciled(self, merchants: Sequence[str], until: date) -> None:
        """Note until when merchants are reconciled."""
        stored = self._tables.reconciled
        stored |= {name: max(until, stored.get(name, until)) for name in merchants}
        self._tables.noted |= {(name, until) for name in merchants}

    @port("closings.record_differences", lambda state, *lines: (*_newest_version(state), *lines))
    def record_differences(
        self, state: DayState, differences: Sequence[Difference], run: str, at: datetime
    ) -> None:
        """Record differences, once for each line and version."""
        self._tables.differences += differences
        about = _newest_version(state)
        for difference in differences:
            line = (*about, difference.what, difference.name, difference.currency)
            self._tables.repairs.setdefault(line, run)

    @port("closings.clear_mark")
    def clear_change(self, merchant_id: str, day: date, change_id: int) -> None:
        """Clear a day's mark, unless the day changed again."""
        self._clear_change(merchant_id, day, change_id)

    @port("closings.insert")
    def insert_closing(self, sealed: SealedClosing) -> bool:
        """Insert a closing in one statement; return False if its version or number is used."""
        return self._insert_closing(sealed)

    @port("closings.undelivered")
    def pending(self, merchants: Sequence[str]) -> list[ClosingKey]:
        """Return the closings of these merchants that are in the outbox."""
        return sorted(key for key in self._tables.outbox if key[0] in merchants)

    @port("closings.read")
    def closing(self, key: ClosingKey) -> tuple[Mapping[str, Any], list[bytes]]:
        """Return a closing as published, with the leaves of its entries as they are now."""
        row = self._tables.closings[key]
        held = self._tables.sealed.get((key[0], row.day), {})
        ids = [entry_id for entry_id, version in held.items() if version <= row.version]
        rows = (self._tables.entries.get(entry_id) for entry_id in ids)
        mine = (row.entry for row in rows if row and row.entry.merchant_id == key[0])
        return json.loads(row.published), leaves_of(mine)

    @port("closings.between")
    def closings_between(self, merchant_id: str, first: int, last: int) -> list[Mapping[str, Any]]:
        """Return the closings with these sequence numbers, newest first, at most two of them."""
        keys = ((merchant_id, number) for number in range(last, first - 1, -1))
        rows = map(self._tables.closings.get, keys)
        return [json.loads(row.published) for row in rows if row][:2]

    @port("closings.mark_delivered")
    def mark_delivered(self, keys: Sequence[ClosingKey]) -> None:
        """Remove these closings from the outbox."""
        for key in keys:
            self._tables.outbox.pop(key, None)

    @port("closings.due_segment")
    def due_segment(self, lane: int, lanes: int, until: date) -> SweepSegment | None:
        """Return a lane's most overdue segment of those that are due, None without any."""
        due = [
            (due_on, number, position)
            for number, (due_on, position) in self._tables.segments.items()
            if number % lanes == lane and due_on <= until
        ]
        due_on, number, position = min(due, default=(until, -1, None), key=lambda row: row[:2])
        return SweepSegment(number, due_on, position) if due else None

    @port("closings.move_segment", _move_sent)
    def move_segment(self, segment: SweepSegment, position: str | None, due_on: date) -> None:
        """Store where a segment continues and when it is due, unless another run has moved it."""
        if self._tables.segments[segment.number] == (segment.due_on, segment.position):
            self._tables.segments[segment.number] = (due_on, position)

    @port("closings.sweep_overdue")
    def sweep_overdue(self, day: date) -> int:
        """Return for how many days the most overdue segment is due."""
        return max(0, *((day - due_on).days for due_on, _ in self._tables.segments.values()))

    @port("closings.run_counts")
    def counts(self, run: str) -> tuple[int, int]:
        """Return the number of closings and repairs of a run."""
        closed = sum(closing.run == run for closing in self._tables.closings.values())
        return closed, sum(repair == run for repair in self._tables.repairs.values())

    @port("closings.public_keys")
    def public_keys(self) -> dict[str, str]:
        """Return the public keys by their ids."""
        return dict(self._tables.signing_keys)

    @port("closings.store_key")
    def store_key(self, key_id: str, public_key: str) -> None:
        """Store the public key of a signing key unless it is stored already."""
        self._tables.signing_keys.setdefault(key_id, public_key)

    def _clear_change(self, merchant_id: str, day: date, change_id: int | None) -> None:
        if change_id is not None and self._tables.unsealed.get((merchant_id, day)) == change_id:
            del self._tables.unsealed[merchant_id, day]

    def _insert_closing(self, sealed: SealedClosing) -> bool:
        item, tables = sealed.item, self._tables
        merchant_id, day = item["merchant"], date.fromisoformat(item["day"])
        versions = {version.version for version in tables.versions(merchant_id, day)}
        held = tables.sealed.setdefault((merchant_id, day), {})
        is_used = sealed.key in tables.closings or item["version"] in versions
        if is_used or held.keys() & sealed.added:
            return False
        nets = {line.key: (line.totals.net_minor, line.totals.entries) for line in sealed.effects}
        text = canonical_json(item).decode()
        tables.closings[sealed.key] = ClosingRow(text, json.loads(text), sealed.run, day, nets)
        held |= dict.fromkeys(sealed.added, item["version"])
        tables.outbox[sealed.key] = None
        tables.sealed_by.setdefault(item["root"], sealed.run)
        self._clear_change(merchant_id, day, sealed.change_id)
        return True


def _newest_version(state: DayState) -> tuple[str, date, int]:
    return state.merchant_id, state.day, state.newest["version"] if state.newest else 0

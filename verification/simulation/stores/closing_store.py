"""The read model in memory as a consolidation run uses it; each call is one statement."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from chalicelib.closing.day_state import ChainHead, DayState, Row
from chalicelib.closing.differences import Difference
from chalicelib.closing.ports import ClosingKey, MerchantDays, SealedClosing
from chalicelib.ledger.encoding import canonical_json
from chalicelib.ledger.seals import leaves_of
from verification.simulation.fault_proxy import FaultProxy
from verification.simulation.stores import sums
from verification.simulation.stores.inconsistent_days import inconsistent_days
from verification.simulation.stores.read_model import no_response
from verification.simulation.stores.tables import ClosingRow, Tables


class MemoryClosingStore:
    """The read model with its closings; `page` is the number of merchants per page."""

    def __init__(self, tables: Tables, proxy: FaultProxy, page: int = 50) -> None:
        self._tables = tables
        self._proxy = proxy
        self._page = page

    def boundaries(self, parts: int) -> list[str]:
        """Return the first merchants of up to `parts` equal ranges, in order."""

        def effect() -> list[str]:
            names = sorted(self._tables.merchants)
            small, larger = divmod(len(names), parts)
            sizes = [small + (number < larger) for number in range(parts)]
            starts = [sum(sizes[:number]) for number in range(parts) if sizes[number]]
            return [names[start] for start in starts]

        return self._proxy.call("closings.boundaries", parts, effect, no_response)

    def merchants(
        self, first: str, before: str | None, after: str | None, until: date
    ) -> list[MerchantDays]:
        """Return a page of merchants, in order, with their changed days up to `until`."""

        def effect() -> list[MerchantDays]:
            names = [
                name
                for name in sorted(self._tables.merchants)
                if name >= first
                and (before is None or name < before)
                and (after is None or name > after)
            ]
            return [
                MerchantDays(name, tuple(self._changed(name, until)))
                for name in names[: self._page]
            ]

        sent = (first, before, after, until)
        return self._proxy.call("closings.merchants", sent, effect, no_response)

    def newest_projected(self, merchant_id: str | None, limit: int) -> dict[str, datetime | None]:
        """Return by merchant when its newest included entry was recorded."""

        def effect() -> dict[str, datetime | None]:
            known = self._tables.merchants
            if merchant_id is not None:
                return {merchant_id: known.get(merchant_id)}
            return dict(
                sorted(
                    known.items(), key=lambda newest: -newest[1].timestamp() if newest[1] else 0.0
                )[:limit]
            )

        return self._proxy.call("closings.newest", (merchant_id, limit), effect, no_response)

    def day_state(self, merchant_id: str, day: date) -> DayState:
        """Return the whole state of a day, in one snapshot."""
        return self._proxy.call(
            "closings.day_state",
            (merchant_id, day),
            lambda: self._day_state(merchant_id, day),
            no_response,
        )

    def rows(self, entry_ids: Sequence[str]) -> dict[str, Row]:
        """Return the rows of these ids."""

        def effect() -> dict[str, Row]:
            rows = ((entry_id, self._tables.entries.get(entry_id)) for entry_id in entry_ids)
            return {entry_id: sums.day_row(row) for entry_id, row in rows if row is not None}

        return self._proxy.call("closings.rows", entry_ids, effect, no_response)

    def inconsistent_days(
        self, merchants: Sequence[str], until: date, every: int
    ) -> list[MerchantDays]:
        """Return days on which the read model contradicts itself or its closings."""

        def effect() -> list[MerchantDays]:
            result = (
                (merchant, inconsistent_days(self._tables, merchant, until, every))
                for merchant in sorted(merchants)
            )
            return [MerchantDays(merchant_id, days) for merchant_id, days in result if days]

        sent = (merchants, until, every)
        return self._proxy.call("closings.inconsistent_days", sent, effect, no_response)

    def record_differences(
        self, state: DayState, differences: Sequence[Difference], run: str, at: datetime
    ) -> None:
        """Record differences, once for each line and version."""
        version = state.newest["version"] if state.newest else 0
        about = (state.merchant_id, state.day, version)

        def effect() -> None:
            self._tables.differences += differences
            for difference in differences:
                line = (*about, difference.what, difference.name, difference.currency)
                self._tables.repairs.setdefault(line, run)

        lines = [
            (difference.what, difference.name, difference.currency, difference.differed)
            for difference in differences
        ]
        sent = (*about, lines, run, at)
        self._proxy.call("closings.record_differences", sent, effect, no_response)

    def clear_change(self, merchant_id: str, day: date, change_id: int) -> None:
        """Clear a day's mark, unless the day changed again."""
        self._proxy.call(
            "closings.clear_mark",
            (merchant_id, day, change_id),
            lambda: self._clear_change(merchant_id, day, change_id),
            no_response,
        )

    def insert_closing(self, sealed: SealedClosing) -> bool:
        """Insert a closing in one statement; return False if its version or number is used."""
        effects = [
            (*effect.key, effect.totals.net_minor, effect.totals.entries)
            for effect in sealed.effects
        ]
        sent = (sealed.item, sealed.leaves, sealed.added, effects, sealed.change_id, sealed.run)
        return self._proxy.call(
            "closings.insert", sent, lambda: self._insert_closing(sealed), no_response
        )

    def pending(self, merchants: Sequence[str]) -> list[ClosingKey]:
        """Return the closings of these merchants that are in the outbox."""

        def effect() -> list[ClosingKey]:
            return sorted(key for key in self._tables.outbox if key[0] in merchants)

        return self._proxy.call("closings.undelivered", merchants, effect, no_response)

    def closing(self, key: ClosingKey) -> tuple[Mapping[str, Any], list[bytes]]:
        """Return a closing as published, with the leaves of its entries as they are now."""

        def effect() -> tuple[Mapping[str, Any], list[bytes]]:
            row = self._tables.closings[key]
            held = self._tables.sealed.get((key[0], row.day), {})
            ids = [entry_id for entry_id, version in held.items() if version <= row.version]
            rows = (self._tables.entries.get(entry_id) for entry_id in ids)
            mine = (row.entry for row in rows if row and row.entry.merchant_id == key[0])
            return json.loads(row.published), leaves_of(mine)

        return self._proxy.call("closings.read", key, effect, no_response)

    def mark_delivered(self, keys: Sequence[ClosingKey]) -> None:
        """Remove these closings from the outbox."""

        def effect() -> None:
            for key in keys:
                self._tables.outbox.pop(key, None)

        self._proxy.call("closings.mark_delivered", keys, effect, no_response)

    def counts(self, run: str) -> tuple[int, int]:
        """Return the number of closings and repairs of a run."""

        def effect() -> tuple[int, int]:
            closed = sum(closing.run == run for closing in self._tables.closings.values())
            return closed, sum(repair == run for repair in self._tables.repairs.values())

        return self._proxy.call("closings.run_counts", run, effect, no_response)

    def store_key(self, key_id: str, public_key: str) -> None:
        """Store the public key of a signing key unless it is stored already."""
        self._proxy.call(
            "closings.store_key",
            (key_id, public_key),
            lambda: self._tables.signing_keys.setdefault(key_id, public_key),
            no_response,
        )

    def _changed(self, merchant_id: str, until: date) -> list[date]:
        return sorted(
            day for name, day in self._tables.unsealed if name == merchant_id and day <= until
        )

    def _clear_change(self, merchant_id: str, day: date, change_id: int | None) -> None:
        if change_id is not None and self._tables.unsealed.get((merchant_id, day)) == change_id:
            del self._tables.unsealed[merchant_id, day]

    def _insert_closing(self, sealed: SealedClosing) -> bool:
        item, tables = sealed.item, self._tables
        merchant_id, day = item["merchant"], date.fromisoformat(item["day"])
        versions = {version.version for version in tables.versions(merchant_id, day)}
        held = tables.sealed.setdefault((merchant_id, day), {})
        if (
            sealed.key in tables.closings
            or item["version"] in versions
            or held.keys() & sealed.added
        ):
            return False
        nets = {line.key: (line.totals.net_minor, line.totals.entries) for line in sealed.effects}
        published = canonical_json(item).decode()
        row = ClosingRow(published, json.loads(published), sealed.run, day, nets)
        tables.closings[sealed.key] = row
        held.update(dict.fromkeys(sealed.added, item["version"]))
        tables.outbox[sealed.key] = None
        self._clear_change(merchant_id, day, sealed.change_id)
        return True

    def _day_state(self, merchant_id: str, day: date) -> DayState:
        tables = self._tables
        versions = tables.versions(merchant_id, day)
        newest = versions[-1].item if versions else None
        numbers = [number for merchant, number in tables.closings if merchant == merchant_id]
        last = max(numbers, default=0)
        about = (merchant_id, day, newest["version"] if newest else 0)
        return DayState(
            merchant_id=merchant_id,
            day=day,
            rows={row.entry.entry_id: sums.day_row(row) for row in tables.of_day(merchant_id, day)},
            day_totals=sums.of(tables.days, merchant_id, day),
            category_totals=sums.of(tables.categories, merchant_id, day),
            month=sums.month(tables, merchant_id, day),
            year=sums.year(tables, merchant_id, day),
            prior_balances=sums.before(tables, merchant_id, day),
            change_id=tables.unsealed.get((merchant_id, day)),
            head=ChainHead(last, tables.closings[merchant_id, last].item["root"]) if last else None,
            newest=newest,
            sealed_ids=frozenset(tables.sealed.get((merchant_id, day), ())),
            repairs=sum(line[:3] == about for line in tables.repairs),
        )

"""Mutants of the projection, the read model and the rebuild."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any

from chalicelib.projection.checkpoint import Checkpoint, decode
from chalicelib.projection.entry_changes import EntryChange
from chalicelib.projection.ledger_reads import LedgerReads
from chalicelib.projection.project import DedupCache, Ports, project
from chalicelib.queries.daily_balances import BalanceQuery, BalanceRows
from verification.simulation import actions
from verification.simulation.mutants import Mutation, Swap
from verification.simulation.stores.ledger_table import TABLE
from verification.simulation.stores.read_model import MemoryWriter, no_response
from verification.simulation.stores.reads import MemoryReads
from verification.simulation.stores.tables import NOTHING, Tables, lines_of, row_of, totals_of
from verification.simulation.world import World


class _RemembersFirst:
    def __init__(self, memory: DedupCache) -> None:
        self._memory = memory

    def known(self, event_ids: Sequence[str]) -> set[str]:
        known = self._memory.known(event_ids)
        self._memory.add([event_id for event_id in event_ids if event_id not in known])
        return known

    def add(self, event_ids: Sequence[str]) -> None:
        pass


def remember_first(world: World, _swap: Swap) -> None:
    """Redis marks a record as processed before its effect is committed."""
    right = world.projection

    def mutated() -> Ports:
        ports = right()
        return replace(ports, dedup_cache=_RemembersFirst(ports.dedup_cache))

    world.projection = mutated  # type: ignore[method-assign]


def add_again(_world: World, swap: Swap) -> None:
    """Every delivered entry is added to the totals, even if its row is stored already."""
    right = Tables.add

    def add(self: Tables, changes: Sequence[EntryChange]) -> int:
        held = [row_of(change) for change in changes if change.entry_id in self.entries]
        for row in held:
            for table, line in lines_of(row.entry).items():
                totals = getattr(self, table)
                totals[line] = totals.get(line, NOTHING).plus(totals_of(row.entry))
        return right(self, changes)

    swap(Tables, "add", add)


def add_in_two_steps(_world: World, swap: Swap) -> None:
    """Rows and totals are committed separately."""

    def add(self: MemoryWriter, changes: Sequence[EntryChange]) -> int:
        tables, proxy = self._tables, self._proxy
        new = [row_of(change) for change in changes if change.entry_id not in tables.entries]
        proxy.call("read_model.insert", len(new), lambda: tables.insert(new), no_response)

        def count() -> int:
            for row in new:
                tables.touch_merchant(row.entry.merchant_id, row.entry.recorded_at)
                for table, line in lines_of(row.entry).items():
                    totals = getattr(tables, table)
                    totals[line] = totals.get(line, NOTHING).plus(totals_of(row.entry))
            return len(new)

        return proxy.call("read_model.insert", len(new), count, no_response)

    swap(MemoryWriter, "add", add)


def keep_running_balances(_world: World, swap: Swap) -> None:
    """Each day's row holds the running balance, and a late entry changes only its own day's row."""
    rows: dict[tuple[str, str, str], dict[date, int]] = {}
    right_add, right_balances = Tables.add, MemoryReads._balances

    def add(self: Tables, changes: Sequence[EntryChange]) -> int:
        for change in changes:
            entry = change.entry
            if change.entry_id not in self.entries:
                days = rows.setdefault((entry.merchant_id, entry.currency, entry.account), {})
                before = days.get(entry.day, _latest(days, entry.day))
                days[entry.day] = before + entry.effect_minor
        return right_add(self, changes)

    def balances(self: MemoryReads, query: BalanceQuery) -> BalanceRows:
        opening = sum(
            _latest(days, query.first)
            for (merchant_id, currency, account), days in rows.items()
            if (merchant_id, currency) == (query.merchant_id, query.currency)
            and query.account in (None, account)
        )
        right = right_balances(self, query)
        return BalanceRows(opening, right.totals, right.freshness, right.day_statuses)

    swap(Tables, "add", add)
    swap(MemoryReads, "_balances", balances)


def swallow_errors(_world: World, swap: Swap) -> None:
    """A failed batch is skipped."""

    def forgiving(records: Sequence[Any], ports: Ports) -> None:
        with suppress(Exception):
            project(records, ports)

    swap(actions, "project", forgiving)


def believe_the_scan(world: World, _swap: Swap) -> None:
    """A rebuild removes the rows that its scan did not return, without a consistent read."""

    class Believing(LedgerReads):
        def held(self, entry_ids: Sequence[str]) -> list[Any]:
            shown: list[Any] = []
            place = None
            while True:
                pages, place = self.pages(None, place)
                shown += [item for page in pages for item in page]
                if place is None:
                    return [item for item in shown if item["entry_id"]["S"] in entry_ids]

    world.ledger = lambda: Believing(world.table, TABLE, workers=1)  # type: ignore[method-assign]


def forget_suspects(_world: World, swap: Swap) -> None:
    """A rebuild's checkpoint loses the mismatches that are not repaired yet."""

    def forgetful(text: str, merchant_id: str | None) -> Checkpoint:
        return replace(decode(text, merchant_id), mismatches={}, wrong=())

    swap(actions, "decode", forgetful)


def _latest(days: Mapping[date, int], before: date) -> int:
    earlier: Iterable[date] = (day for day in days if day < before)
    last = max(earlier, default=None)
    return days[last] if last is not None else 0


MUTATIONS: Mapping[str, Mutation] = {
    "Redis written before PostgreSQL": remember_first,
    "no deduplication": add_again,
    "rows and totals committed apart": add_in_two_steps,
    "running balances": keep_running_balances,
    "errors of the projector swallowed": swallow_errors,
    "a rebuild that believes its scan": believe_the_scan,
    "a rebuild whose pieces lose mismatches": forget_suspects,
}

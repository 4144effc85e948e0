"""Mistakes of the projection, the read model and the rebuild."""

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
from verification.simulation.stores.read_model import MemoryWriter, out_of_reach
from verification.simulation.stores.reads import MemoryReads
from verification.simulation.stores.tables import NOTHING, Tables, kept_of, lines_of, totals_of
from verification.simulation.world import World


class _RemembersFirst:
    def __init__(self, memory: DedupCache) -> None:
        self._memory = memory

    def known(self, event_ids: Sequence[str]) -> set[str]:
        known = self._memory.known(event_ids)
        self._memory.add([one for one in event_ids if one not in known])
        return known

    def add(self, event_ids: Sequence[str]) -> None:
        pass


def remember_first(world: World, _swap: Swap) -> None:
    """Redis remembers a record before its effect is committed."""
    right = world.projection

    def mutated() -> Ports:
        ports = right()
        return replace(ports, dedup_cache=_RemembersFirst(ports.dedup_cache))

    world.projection = mutated  # type: ignore[method-assign]


def add_again(_world: World, swap: Swap) -> None:
    """Whatever comes is added to the totals, whether its row is there or not."""
    right = Tables.add

    def add(self: Tables, changes: Sequence[EntryChange]) -> int:
        held = [kept_of(change) for change in changes if change.entry_id in self.entries]
        for kept in held:
            for table, line in lines_of(kept.entry).items():
                totals = getattr(self, table)
                totals[line] = totals.get(line, NOTHING).plus(totals_of(kept.entry))
        return right(self, changes)

    swap(Tables, "add", add)


def add_in_two_steps(_world: World, swap: Swap) -> None:
    """Rows and totals are two statements, each committed by itself."""

    def add(self: MemoryWriter, changes: Sequence[EntryChange]) -> int:
        tables, wire = self._tables, self._wire
        new = [kept_of(change) for change in changes if change.entry_id not in tables.entries]
        wire.call("read_model.insert", len(new), lambda: tables.insert(new), out_of_reach)

        def count() -> int:
            for kept in new:
                tables.take_note(kept.entry.merchant_id, kept.entry.recorded_at)
                for table, line in lines_of(kept.entry).items():
                    totals = getattr(tables, table)
                    totals[line] = totals.get(line, NOTHING).plus(totals_of(kept.entry))
            return len(new)

        return wire.call("read_model.insert", len(new), count, out_of_reach)

    swap(MemoryWriter, "add", add)


def keep_running_balances(_world: World, swap: Swap) -> None:
    """Each day's row holds the balance so far, and a late entry changes its own day's row alone."""
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

    def balances(self: MemoryReads, question: BalanceQuery) -> BalanceRows:
        opening = sum(
            _latest(days, question.first)
            for (merchant_id, currency, account), days in rows.items()
            if (merchant_id, currency) == (question.merchant_id, question.currency)
            and question.account in (None, account)
        )
        right = right_balances(self, question)
        return BalanceRows(opening, right.totals, right.freshness, right.day_statuses)

    swap(Tables, "add", add)
    swap(MemoryReads, "_balances", balances)


def swallow_errors(_world: World, swap: Swap) -> None:
    """A batch that failed is logged, and the stream goes on."""

    def forgiving(records: Sequence[Any], ports: Ports) -> None:
        with suppress(Exception):
            project(records, ports)

    swap(actions, "project", forgiving)


def believe_the_scan(world: World, _swap: Swap) -> None:
    """A rebuild removes what its scan did not show, without asking the table itself."""

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
    """What a piece of a rebuild suspected, and could not put right yet, the next does not know."""

    def forgetful(text: str, merchant_id: str | None) -> Checkpoint:
        return replace(decode(text, merchant_id), mismatches={}, wrong=())

    swap(actions, "decode", forgetful)


def _latest(days: Mapping[date, int], before: date) -> int:
    earlier: Iterable[date] = (day for day in days if day < before)
    last = max(earlier, default=None)
    return days[last] if last is not None else 0


MUTATIONS: Mapping[str, Mutation] = {
    "Redis told before PostgreSQL": remember_first,
    "no deduplication": add_again,
    "rows and totals committed apart": add_in_two_steps,
    "running balances": keep_running_balances,
    "errors of the projector swallowed": swallow_errors,
    "a rebuild that believes its scan": believe_the_scan,
    "a rebuild whose pieces forget what they suspect": forget_suspects,
}

"""No closing whose opening the ledger does not confirm, by a separate model.

It knows the ledger's entries, when each run began, and which entries earlier closings sealed; it
uses nothing of how the product computes an opening.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from chalicelib.ledger.entries import Entry
from verification.kit.reference_model import effect_minor
from verification.simulation.closing_invariants import minor_units
from verification.simulation.context import Context
from verification.simulation.final_invariants import ledger_entries
from verification.simulation.stores.tables import ClosingRow, Tables
from verification.simulation.violations import CLOSING, check
from verification.simulation.world import World

GRACE = timedelta(minutes=2)
"""An entry that was stored less than this before a run began may be left to the next run."""


def check_openings(context: Context) -> None:
    """Check each closing once: that its opening is the sum of the entries that it must contain.

    They are those that the earlier days' closings sealed, all of which the ledger has; and none is
    missing that a run could know. A late entry of a day that a run has compared before is known
    only if its stream record arrived, so it may be missing.
    """
    world, tables = context.world, context.world.tables
    for key, row in tables.closings.items():
        execution = context.runs.executions.get(row.run)
        if execution is None or row.published in context.checked_openings:
            continue
        context.checked_openings.add(row.published)
        entries = {
            entry.entry_id: entry
            for entry in ledger_entries(world)
            if entry.merchant_id == key[0] and entry.day < row.day
        }
        sealed = _sealed_before(tables, *key, row.day)
        message = f"closing {key[1]} of {key[0]}, of {row.day},"
        unknown = sealed - entries.keys()
        check(not unknown, CLOSING, f"{message} opens with {sorted(unknown)}, never recorded")
        _check_amounts(row, [entries[entry_id] for entry_id in sorted(sealed)], message)
        missing = [
            entry.entry_id
            for entry in entries.values()
            if entry.entry_id not in sealed
            and _stored_at(world, entry) < execution.started - GRACE
            and not _is_late(context, entry)
        ]
        check(not missing, CLOSING, f"{message} opens without {missing}")


def _check_amounts(row: ClosingRow, sealed: Iterable[Entry], message: str) -> None:
    expected: Counter[tuple[str, str]] = Counter()
    for entry in sealed:
        expected[entry.account, entry.currency] += effect_minor(entry)
    opening = {
        (line["account"], line["currency"]): minor_units(line["opening"], line["currency"])
        for line in row.item["balances"]
    }
    for line in sorted(opening.keys() | expected.keys()):
        result, right = opening.get(line, 0), expected[line]
        check(result == right, CLOSING, f"{message} opens {line} with {result}, not {right}")


def _sealed_before(tables: Tables, merchant_id: str, sequence: int, day: date) -> set[str]:
    """Return the entries that a merchant's closings below a number sealed, of days before a day."""
    newest: dict[date, int] = {}
    for (merchant, number), row in tables.closings.items():
        if merchant == merchant_id and number < sequence and row.day < day:
            newest[row.day] = max(row.version, newest.get(row.day, 0))
    return {
        entry_id
        for earlier, newest_version in newest.items()
        for entry_id, version in tables.sealed[merchant_id, earlier].items()
        if version <= newest_version
    }


def _stored_at(world: World, entry: Entry) -> datetime:
    """Return when the ledger had the entry.

    The clock may leap by hours between a request's `recorded_at` and its put, which in AWS are at
    most a request's time limit apart.
    """
    return world.clock.moment(world.table.first_written[entry.entry_id])


def _is_late(context: Context, entry: Entry) -> bool:
    """Return whether a run had begun to compare an entry's day when the entry was stored."""
    return any(
        execution.day >= entry.day
        and execution.merchant_id in (None, entry.merchant_id)
        and execution.started <= _stored_at(context.world, entry) + GRACE
        for execution in context.runs.executions.values()
    )

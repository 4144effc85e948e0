"""No closing whose opening the ledger does not confirm, by a separate model.

It knows the ledger's entries, the bucket's closings and leaves, and which runs have compared which
days; it uses nothing of how the product computes an opening.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from chalicelib.ledger.entries import Entry
from verification.kit.reference_model import effect_minor
from verification.simulation.closing_invariants import minor_units
from verification.simulation.context import ArchivedClosing, Context
from verification.simulation.final_invariants import ledger_entries
from verification.simulation.violations import CLOSING, check
from verification.simulation.world import World

GRACE = timedelta(minutes=2)
"""An entry that was stored less than this before a run began may be left to the next run."""


def check_openings(context: Context) -> None:
    """Check each closing in the bucket once: its opening is the sum of what it must contain.

    These are the entries that the earlier days' closings sealed, all of which the ledger has; and
    none is missing that a run could know. It may be missing if its day was closed before, or a run
    had compared its day when it was stored: then only its stream record says so. But on a day
    since the last closed one, none is missing.
    """
    objects = context.world.bucket.objects
    for name in sorted(name for name in objects if name.startswith("closings/")):
        _, merchant_id, number = name.removesuffix(".json").split("/")
        earlier = context.archived.setdefault(merchant_id, [])
        if int(number) <= len(earlier):
            continue
        closing = _archived(context, json.loads(objects[name]))
        is_next = closing.sequence == len(earlier) + 1
        check(is_next, CLOSING, f"{name} is not the bucket's next closing of {merchant_id}")
        _check_opening(context, closing, earlier)
        earlier.append(closing)


def _archived(context: Context, item: Mapping[str, Any]) -> ArchivedClosing:
    world, merchant_id = context.world, item["merchant"]
    name = f"leaves/{merchant_id}/{item['entries_root']}.json"
    check(name in world.bucket.objects, CLOSING, f"{name} of a closing is not in the bucket")
    leaves = json.loads(world.bucket.objects[name])
    return ArchivedClosing(
        item=item,
        day=date.fromisoformat(item["day"]),
        entry_ids=frozenset(leaf["entry"] for leaf in leaves["items"]),
        run=world.tables.sealed_by.get(item["root"], ""),
    )


def _check_opening(
    context: Context, closing: ArchivedClosing, earlier: Sequence[ArchivedClosing]
) -> None:
    world, merchant_id = context.world, closing.item["merchant"]
    message = f"closing {closing.sequence} of {merchant_id}, of {closing.day},"
    execution = context.runs.executions.get(closing.run)
    check(execution is not None, CLOSING, f"{message} was made by no run")
    assert execution is not None
    entries = {
        entry.entry_id: entry
        for entry in ledger_entries(world)
        if entry.merchant_id == merchant_id and entry.day < closing.day
    }
    newest = {before.day: before for before in earlier if before.day < closing.day}
    sealed = {entry_id for before in newest.values() for entry_id in before.entry_ids}
    unknown = sealed - entries.keys()
    check(not unknown, CLOSING, f"{message} opens with {sorted(unknown)}, never recorded")
    _check_amounts(closing.item, [entries[entry_id] for entry_id in sorted(sealed)], message)
    closed_until = max(newest, default=date.min)
    missing = [
        entry.entry_id
        for entry in entries.values()
        if entry.entry_id not in sealed
        and _stored_at(world, entry) < execution.started - GRACE
        and (entry.day > closed_until or not _is_late(context, entry, earlier))
    ]
    check(not missing, CLOSING, f"{message} opens without {missing}")


def _check_amounts(item: Mapping[str, Any], sealed: Iterable[Entry], message: str) -> None:
    expected: Counter[tuple[str, str]] = Counter()
    for entry in sealed:
        expected[entry.account, entry.currency] += effect_minor(entry)
    opening = {
        (line["account"], line["currency"]): minor_units(line["opening"], line["currency"])
        for line in item["balances"]
    }
    for line in sorted(opening.keys() | expected.keys()):
        result, right = opening.get(line, 0), expected[line]
        check(result == right, CLOSING, f"{message} opens {line} with {result}, not {right}")


def _stored_at(world: World, entry: Entry) -> datetime:
    """Return when the ledger had the entry.

    The clock may leap by hours between a request's `recorded_at` and its put, which in AWS are at
    most a request's time limit apart.
    """
    return world.clock.moment(world.table.first_written[entry.entry_id])


def _is_late(context: Context, entry: Entry, earlier: Iterable[ArchivedClosing]) -> bool:
    """Return whether a run that compared an entry's day may have begun before it was stored."""
    stored = _stored_at(context.world, entry)
    return any(
        execution.started <= stored + GRACE and _has_compared(context, name, entry, earlier)
        for name, execution in context.runs.executions.items()
        if execution.day >= entry.day and execution.merchant_id in (None, entry.merchant_id)
    )


def _has_compared(
    context: Context, name: str, entry: Entry, earlier: Iterable[ArchivedClosing]
) -> bool:
    """Return whether a run has compared a merchant's days up to an entry's.

    It has noted that, or sealed that day or a later one: each run begins with the oldest day.
    """
    until = context.runs.executions[name].day
    is_noted = (entry.merchant_id, until) in context.world.tables.noted
    return is_noted or any(before.run == name and before.day >= entry.day for before in earlier)

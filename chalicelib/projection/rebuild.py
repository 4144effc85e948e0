"""Rebuild the read model from the ledger's table beside live traffic; it may be repeated.

Missing entries are inserted as a projector would, where the merchant's totals are the sums of its
entries. Every other mismatch is confirmed by consistent reads while its merchant is locked, and
repaired; the merchant's totals are recomputed from its entries in the same SQL transaction.

A large ledger takes several calls. Everything that a call leaves to the next one is in the
checkpoint that it returns, so a call may be repeated, or interrupted at any point.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from chalicelib import observability
from chalicelib.ledger.errors import FieldError, ValidationError
from chalicelib.ledger.text import parse_slug
from chalicelib.projection import load, wiring
from chalicelib.projection.authoritative_entries import Ledger, authoritative_entries
from chalicelib.projection.checkpoint import PHASES, Checkpoint, RebuildStats, decode, encode
from chalicelib.projection.garbage_collection import rare_collections
from chalicelib.projection.ledger_reads import SEGMENTS, segments_of
from chalicelib.projection.load import LoadCheckpoint
from chalicelib.projection.loader import Loader
from chalicelib.projection.rebuild_diff import LARGEST_REPAIR, RebuildDiff
from chalicelib.projection.repairer import Repairer
from chalicelib.projection.row_pages import RowKey

MERCHANTS_PER_STEP = 50
_STEPS = ("entries", "indexes", "sums", "end")
"""What is done once between the parts of a load, in this order."""
LAST_STEP_SECONDS = 300.0
"""No step begins in the last 5 minutes of the function's time, so that every step can finish."""


@rare_collections()
def run_task(event: Mapping[str, Any], seconds_left: Callable[[], float]) -> dict[str, Any]:
    """Continue a rebuild for as long as the function has time: the Lambda task.

    The event's `merchant_id` selects one merchant, otherwise all are rebuilt; its `position` is the
    one that the previous call returned, otherwise the rebuild starts. Returns the counts since the
    start, the `phase`, and the `position` to continue from, null when the rebuild is done. Raises
    ValidationError when `merchant_id` or `position` is not valid.
    """
    merchant_id, position = event.get("merchant_id"), event.get("position")
    if merchant_id is not None:
        parse_slug(str(merchant_id), "merchant_id")

    def has_time() -> bool:
        return seconds_left() > LAST_STEP_SECONDS

    if merchant_id is None and (position is None or str(position).startswith(load.PREFIX)):
        loaded = _load(event, has_time)
        if loaded is not None:
            return loaded
    return _compare(merchant_id, position, has_time)


def _load(event: Mapping[str, Any], has_time: Callable[[], bool]) -> dict[str, Any] | None:
    """Begin or continue a load; return None if the read model has to be compared instead."""
    position, request = event.get("position"), event.get("load")
    part = {"part": event["part"]} if "part" in event else {}
    ledger, loader = wiring.ledger(), wiring.loader()
    try:
        start = load.begin(loader) if position is None else load.decode(str(position))
        if start is None:
            return {"positions": [], "position": None} if request else None
        if request is not None:
            return _divide(loader, start, request) | part
        end = load.resume(ledger, loader, start, has_time)
        if end.phase == "done" and not end.is_part:
            loader.end_rebuild(end.began_at)
    finally:
        loader.close()
    _log(end.phase, end.stats)
    return _result(end.phase, end.stats, load.encode(end)) | part


def _compare(
    merchant_id: str | None, position: Any, has_time: Callable[[], bool]
) -> dict[str, Any]:
    """Begin or continue a rebuild that compares the read model with the ledger."""
    start = Checkpoint(merchant_id) if position is None else decode(str(position), merchant_id)
    repairer = wiring.repairer()
    try:
        if merchant_id is None and start.began_at is None:
            start = replace(start, began_at=repairer.begin_rebuild())
        end = resume(wiring.ledger(), repairer, start, has_time)
        if end.began_at is not None and end.phase == "done":
            repairer.end_rebuild(end.began_at)
    finally:
        repairer.close()
    return _result(end.phase, end.stats, encode(end))


def _result(phase: str, stats: RebuildStats, position: str) -> dict[str, Any]:
    """Return the function's response: the counts, and where to continue."""
    is_done = phase == "done"
    return {**stats._asdict(), "phase": phase, "position": None if is_done else position}


def _divide(loader: Loader, whole: LoadCheckpoint, request: Mapping[str, Any]) -> dict[str, Any]:
    """Do what must be done once between the parallel parts of a load; return the next parts.

    `left` is the number of indexes that are still to be built.
    """
    step, parts = request.get("step"), request.get("parts", 1)
    if step not in _STEPS or parts not in range(1, SEGMENTS + 1):
        message = f"must be a step ({', '.join(_STEPS)}) with 1 to {SEGMENTS} parts"
        raise ValidationError(f"load {message}.", [FieldError("load", message)])
    checkpoints: Sequence[LoadCheckpoint] = ()
    left = 0
    if step == "entries":
        segments = [segments_of(part, parts) for part in range(parts)]
        checkpoints = load.parts_of(whole, segments)
    elif step == "indexes":
        left = load.build_index(loader, whole)
    elif step == "sums":
        checkpoints = load.end_entries(loader, whole, parts)
    else:
        loader.end_rebuild(whole.began_at)
    positions = [load.encode(checkpoint) for checkpoint in checkpoints]
    return {"phase": step, "positions": positions, "position": load.encode(whole), "left": left}


def resume(
    ledger: Ledger, read_model: Repairer, checkpoint: Checkpoint, has_time: Callable[[], bool]
) -> Checkpoint:
    """Do one step of a rebuild, and more while there is time; return the new checkpoint.

    When its phase is "done", the read model of the merchant, or of all, equals the ledger. Raises
    when a store does not respond; the work until then is valid, and resuming from the same
    checkpoint does the rest.
    """
    read_model.begin()
    rebuild = _Rebuild(ledger, read_model, checkpoint)
    while not rebuild.step() and has_time():
        pass
    end = rebuild.checkpoint()
    _log(end.phase, end.stats)
    differences = end.stats.differences - checkpoint.stats.differences
    observability.count("ReadModelDifferences", differences)
    return end


def repair(merchants: Sequence[str], entry_ids: Sequence[str]) -> None:
    """Rewrite entries from the ledger and recompute the merchants' totals.

    For a caller that has already compared them with the ledger; `merchants`, which are locked
    meanwhile, must include every merchant that the entries concern. Raises when a store does not
    respond; the repairs until then are kept. The connection is closed at the end, because repairs
    are rare and many functions that may need one run in parallel.
    """
    ledger, repairer = wiring.ledger(), wiring.repairer()
    try:
        repairer.begin()  # which also lets it count for as long as a large merchant takes
        for start in range(0, max(len(entry_ids), 1), LARGEST_REPAIR):
            chunk = entry_ids[start : start + LARGEST_REPAIR]
            repairer.repair(merchants, chunk, lambda ids: authoritative_entries(ledger, ids))
    finally:
        repairer.close()


class _Rebuild:
    """A rebuild that can stop after any of its steps, each of a bounded size."""

    def __init__(self, ledger: Ledger, read_model: Repairer, start: Checkpoint) -> None:
        self._ledger = ledger
        self._read_model = read_model
        self._merchant_id = start.merchant_id
        self._began_at = start.began_at
        self._phase = start.phase
        self._after = start.after
        self._merchants: list[str] | None = None
        self._diff = RebuildDiff(ledger, read_model)
        self._diff.restore(start.stats, start.wrong, start.mismatches)
        self._diff.sums = start.sums
        self._steps: Mapping[str, Callable[[], Any]] = {
            "totals": self._compare_totals,
            "ledger": self._read_ledger,
            "row_sums": self._sum_rows,
            "rows": self._look_rows_up,
        }

    def checkpoint(self) -> Checkpoint:
        """Return the progress so far."""
        diff = self._diff
        return Checkpoint(
            self._merchant_id,
            self._phase,
            self._after,
            tuple(sorted(diff.wrong)),
            diff.mismatches,
            diff.stats,
            self._began_at,
            diff.sums,
        )

    def step(self) -> bool:
        """Do the next step; return whether it was the last one."""
        if self._phase in self._steps and not self._diff.is_full:
            self._after = self._steps[self._phase]()
            if self._after is None:
                self._phase = PHASES[PHASES.index(self._phase) + 1]
        elif not self._diff.is_empty:
            self._diff.repair_some()
        if self._phase == "repairs" and self._diff.is_empty:
            self._phase = "done"
        return self._phase == "done"

    def _compare_totals(self) -> str | None:
        if self._merchants is None:
            only = self._merchant_id
            self._merchants = self._read_model.merchants() if only is None else [only]
        after = self._after or ""
        remaining = [merchant for merchant in self._merchants if merchant > after]
        merchants = remaining[:MERCHANTS_PER_STEP]
        self._diff.compare_totals(merchants)
        return merchants[-1] if len(merchants) == MERCHANTS_PER_STEP else None

    def _read_ledger(self) -> Any:
        pages, cursor = self._ledger.pages(self._merchant_id, self._after)
        for page in pages:
            self._diff.compare_items(page)
        return cursor

    def _sum_rows(self) -> RowKey | None:
        page = self._read_model.sum_rows(self._merchant_id, self._after_row(), self._diff.sums)
        self._diff.compare_summed(page)
        return page.last

    def _look_rows_up(self) -> RowKey | None:
        if not self._diff.sums.differing:
            return None
        rows, last = self._read_model.rows_of_buckets(
            self._merchant_id, self._after_row(), self._diff.sums
        )
        self._diff.compare_rows(rows)
        return last

    def _after_row(self) -> RowKey | None:
        return RowKey(*self._after) if self._after else None


def _log(phase: str, stats: RebuildStats) -> None:
    name = "rebuilt" if phase == "done" else "rebuild_goes_on"
    observability.log(name, phase=phase, **stats._asdict())

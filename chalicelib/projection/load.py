"""Load an empty read model from the ledger's table: entries, then indexes, then totals.

Nothing has to be compared, so this takes a fraction of a comparing rebuild. It may run beside the
projector. Until it is finished no read is answered (0021_loading.sql). A call that is repeated or
interrupted changes nothing: entries that are here already are not inserted again, and totals are
computed from the entries.

A large ledger is loaded in parts, in parallel: each loads some segments of the scan, and later
computes the totals of a range of merchants.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import astuple, dataclass, field, replace
from typing import Any, Literal, get_args

from chalicelib.ledger.errors import FieldError, ValidationError
from chalicelib.projection.authoritative_entries import Ledger, log_unreadable, parse_items
from chalicelib.projection.category_changes import newest
from chalicelib.projection.checkpoint import RebuildStats
from chalicelib.projection.entry_changes import EntryChange
from chalicelib.projection.loader import Loader
from chalicelib.projection.writer import InsertResult, insert_bisecting

LoadPhase = Literal["entries", "indexes", "sums", "done"]
PREFIX = "load."
"""How a position of a load begins; those of a comparing rebuild have no dot."""
ENTRIES_PER_STATEMENT = 4_000
MERCHANTS_PER_STEP = 50


@dataclass(frozen=True, slots=True)
class LoadCheckpoint:
    """Where a load continues.

    `after` is the last thing that its phase handled, None at first, and `until` the last merchant
    whose totals it computes, None for all. One `part` of several ends with its phase; a whole load
    goes on with the next one. `began_at` is PostgreSQL's time of the beginning.
    """

    phase: LoadPhase
    began_at: str
    is_part: bool = False
    after: Any = None
    until: str | None = None
    stats: RebuildStats = field(default_factory=RebuildStats)


def encode(checkpoint: LoadCheckpoint) -> str:
    """Return a checkpoint as text, for the caller."""
    return PREFIX + base64.urlsafe_b64encode(json.dumps(astuple(checkpoint)).encode()).decode()


def decode(text: str) -> LoadCheckpoint:
    """Return the checkpoint that a text encodes; raise ValidationError for any other text."""
    try:
        values = json.loads(base64.urlsafe_b64decode(text.removeprefix(PREFIX)))
        phase, began_at, is_part, after, until, counts = values
        stats = RebuildStats(*counts)
        checkpoint = LoadCheckpoint(phase, began_at, is_part, after, until, stats)
        if checkpoint.phase in get_args(LoadPhase):
            return checkpoint
    except (ValueError, TypeError, binascii.Error):
        pass  # refused below, like the checkpoint of an unknown phase
    message = "must be a position that the rebuild of this release returned"
    raise ValidationError(f"position {message}.", [FieldError("position", message)])


def begin(loader: Loader) -> LoadCheckpoint | None:
    """Return where a load begins; None if the read model is complete, or did not begin empty.

    Where an earlier load has inserted all entries, the rest remains.
    """
    loading = loader.loading()
    if loading is None:
        return None
    loader.begin()
    loader.drop_indexes()
    return LoadCheckpoint("entries" if loading.takes_entries else "indexes", loading.began_at)


def parts_of(
    checkpoint: LoadCheckpoint, segments: Sequence[dict[str, Any]]
) -> list[LoadCheckpoint]:
    """Return a checkpoint for each part, which loads the entries of some segments of the ledger."""
    if checkpoint.phase != "entries":
        return []
    return [replace(checkpoint, is_part=True, after=part) for part in segments]


def build_index(loader: Loader, checkpoint: LoadCheckpoint) -> int:
    """End the loading of entries, and build one index; return how many are left.

    An index that a call before did not wait for is awaited.
    """
    loader.begin()
    loader.end_entries(checkpoint.began_at)
    return loader.build_index()


def end_entries(loader: Loader, checkpoint: LoadCheckpoint, parts: int) -> list[LoadCheckpoint]:
    """End the loading of entries, build the indexes, and divide what remains by merchants.

    It may be repeated, and has to be when it was interrupted. Few merchants make fewer parts.
    """
    while build_index(loader, checkpoint):
        pass
    merchants = loader.merchants()
    ends = [len(merchants) * part // parts for part in range(1, parts)]
    bounds = sorted({merchants[end - 1] for end in ends if end})
    ranges = zip([None, *bounds], [*bounds, None], strict=True)
    return [
        replace(checkpoint, phase="sums", is_part=True, after=after, until=until)
        for after, until in ranges
    ]


def resume(
    ledger: Ledger, loader: Loader, checkpoint: LoadCheckpoint, has_time: Callable[[], bool]
) -> LoadCheckpoint:
    """Do one step of a load, and more while there is time; return the new checkpoint.

    Raises when a store does not respond, or when entries are not loaded any more; resuming from the
    same checkpoint does the rest.
    """
    loader.begin()
    load = _Load(ledger, loader)
    while checkpoint.phase != "done":
        checkpoint = load.step(checkpoint)
        if not has_time():
            break
    return checkpoint


class _Load:
    def __init__(self, ledger: Ledger, loader: Loader) -> None:
        self._ledger = ledger
        self._loader = loader
        self._merchants: list[str] | None = None

    def step(self, checkpoint: LoadCheckpoint) -> LoadCheckpoint:
        """Do the next step of a phase; return the checkpoint after it."""
        if checkpoint.phase == "entries":
            after, stats = self._load_entries(checkpoint)
            checkpoint = replace(checkpoint, after=after, stats=stats)
            following: LoadPhase = "indexes"
        elif checkpoint.phase == "indexes":
            self._loader.end_entries(checkpoint.began_at)
            checkpoint = replace(checkpoint, after=self._loader.build_index() or None)
            following = "sums"
        else:
            checkpoint = replace(checkpoint, after=self._sum_up(checkpoint))
            following = "done"
        if checkpoint.after is None:
            return replace(checkpoint, phase="done" if checkpoint.is_part else following)
        return checkpoint

    def _load_entries(self, checkpoint: LoadCheckpoint) -> tuple[Any, RebuildStats]:
        pages, after = self._ledger.pages(None, checkpoint.after)
        stats = checkpoint.stats
        waiting: list[Future[InsertResult]] = []
        corrected: list[Future[None]] = []
        # The server inserts entries while the next page is parsed.
        with ThreadPoolExecutor(1) as pool:
            for page in pages:
                changes, corrections, unreadable = parse_items(page)
                stats = stats.plus(RebuildStats(entries=len(changes), unreadable=len(unreadable)))
                for chunk in _chunks(changes):
                    waiting.append(pool.submit(insert_bisecting, self._loader, chunk))
                corrected.append(pool.submit(self._loader.add_corrections, newest(corrections)))
        for stored in corrected:
            stored.result()
        for inserted in (future.result() for future in waiting):
            for change, reason in inserted.rejected:
                log_unreadable(change.entry_id, reason)
            rejected = len(inserted.rejected)
            stats = stats.plus(RebuildStats(missing=inserted.new, unreadable=rejected))
        return after, stats

    def _sum_up(self, checkpoint: LoadCheckpoint) -> str | None:
        if self._merchants is None:
            self._merchants = self._loader.merchants()
        after, until = checkpoint.after or "", checkpoint.until
        remaining = [
            merchant
            for merchant in self._merchants
            if merchant > after and (until is None or merchant <= until)
        ]
        step = remaining[:MERCHANTS_PER_STEP]
        if step:
            self._loader.total(step)
        return step[-1] if len(remaining) > len(step) else None


def _chunks(changes: Sequence[EntryChange]) -> list[Sequence[EntryChange]]:
    starts = range(0, len(changes), ENTRIES_PER_STATEMENT)
    return [changes[start : start + ENTRIES_PER_STATEMENT] for start in starts]

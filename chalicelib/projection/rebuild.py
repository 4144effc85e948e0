"""Rebuild the read model from the ledger's table, beside live traffic, as often as one likes.

What is missing is added as the projector would, where the merchant's totals are the sums of its
entries. All else is suspect: it is confirmed by consistent reads while its merchant is held, put
right, and the merchant's totals are counted anew from its entries in the same SQL transaction.

A ledger that is too large for one call is gone through in pieces. All that a piece leaves to the
next one is in the position that it answers, so a piece may be repeated, or be cut off anywhere.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from chalicelib import observability
from chalicelib.ledger.text import parse_slug
from chalicelib.projection.authoritative_entries import Ledger
from chalicelib.projection.checkpoint import PHASES, Checkpoint, decode, encode
from chalicelib.projection.ledger_reads import LedgerReads
from chalicelib.projection.rebuild_diff import RebuildDiff
from chalicelib.projection.repairer import Repairer, RowKey
from chalicelib.runtime import clients, settings
from chalicelib.storage.postgres import Connections

ROLE = "livro_projector"
TIMEOUT_SECONDS = 330.0
"""More than the 5 minutes that a statement of a rebuild may take."""
MERCHANTS_AT_ONCE = 50
LAST_STEP_SECONDS = 300.0
"""A piece begins no step in its function's last 5 minutes; what it began has them to end in."""


def run_task(event: Mapping[str, Any], seconds_left: Callable[[], float]) -> dict[str, Any]:
    """Go on with a rebuild for as long as the function has time: the Lambda task.

    The event's `merchant_id` names one merchant, without it all are meant; its `position` is what
    the call before answered, without it the rebuild begins. Answers the counts since the beginning,
    the `phase`, and the `position` to go on from, null once all is done. Raises ValidationError
    when either of the two is none.
    """
    merchant_id, result = event.get("merchant_id"), event.get("position")
    if merchant_id is not None:
        parse_slug(str(merchant_id), "merchant_id")
    start = Checkpoint(merchant_id) if result is None else decode(str(result), merchant_id)
    connections = Connections(lambda: clients.database(ROLE, TIMEOUT_SECONDS))
    ledger = LedgerReads(clients.aws("dynamodb"), settings.current().entries_table)
    try:
        end = resume(
            ledger, Repairer(connections), start, lambda: seconds_left() > LAST_STEP_SECONDS
        )
    finally:
        connections.close()
    return {
        **asdict(end.outcome),
        "phase": end.phase,
        "position": None if end.phase == "done" else encode(end),
    }


def resume(
    ledger: Ledger, read_model: Repairer, position: Checkpoint, has_time: Callable[[], bool]
) -> Checkpoint:
    """Do one step of a rebuild, and more while there is time; return where it stands then.

    Once its phase is "done", the read model of the merchant, or of all, is what the ledger says.
    Raises when either store does not answer; what was done until then is right, and going on from
    the same position does the rest.
    """
    read_model.begin()
    work = _Rebuild(ledger, read_model, position)
    while not work.step() and has_time():
        pass
    end = work.position()
    _tell(position, end)
    return end


class _Rebuild:
    """A rebuild that can be left after any of its steps, each of them of a bounded size."""

    def __init__(self, ledger: Ledger, read_model: Repairer, start: Checkpoint) -> None:
        self._ledger = ledger
        self._read_model = read_model
        self._merchant_id = start.merchant_id
        self._phase = start.phase
        self._after = start.after
        self._merchants: list[str] | None = None
        self._comparison = RebuildDiff(ledger, read_model)
        self._comparison.remember(start.outcome, start.wrong, start.mismatches)
        self._steps: Mapping[str, Callable[[], Any]] = {
            "totals": self._compare_totals,
            "ledger": self._read_ledger,
            "rows": self._look_rows_up,
        }

    def position(self) -> Checkpoint:
        """Return where it stands."""
        work = self._comparison
        wrong = tuple(sorted(work.wrong))
        return Checkpoint(
            self._merchant_id, self._phase, self._after, wrong, work.mismatches, work.outcome
        )

    def step(self) -> bool:
        """Do the next step; return whether it was the last one."""
        if self._phase in self._steps and not self._comparison.is_full:
            self._after = self._steps[self._phase]()
            if self._after is None:
                self._phase = PHASES[PHASES.index(self._phase) + 1]
        elif not self._comparison.is_all_right:
            self._comparison.put_some_right()
        if self._phase == "repairs" and self._comparison.is_all_right:
            self._phase = "done"
        return self._phase == "done"

    def _compare_totals(self) -> str | None:
        after = self._after or ""
        some = [all_merchant for all_merchant in self._all_merchants() if all_merchant > after][
            :MERCHANTS_AT_ONCE
        ]
        self._comparison.compare_totals(some)
        return some[-1] if len(some) == MERCHANTS_AT_ONCE else None

    def _all_merchants(self) -> list[str]:
        if self._merchants is None:
            one = self._merchant_id
            self._merchants = self._read_model.merchants() if one is None else [one]
        return self._merchants

    def _read_ledger(self) -> Any:
        pages, place = self._ledger.pages(self._merchant_id, self._after)
        for page in pages:
            self._comparison.take(page)
        return place

    def _look_rows_up(self) -> RowKey | None:
        after = RowKey(*self._after) if self._after else None
        rows = self._read_model.rows_after(self._merchant_id, after)
        self._comparison.look_up(rows)
        return rows[-1] if rows else None


def _tell(start: Checkpoint, end: Checkpoint) -> None:
    name = "rebuilt" if end.phase == "done" else "rebuild_goes_on"
    observability.log(name, phase=end.phase, **asdict(end.outcome))
    differences = end.outcome.differences - start.outcome.differences
    observability.count("ReadModelDifferences", differences)

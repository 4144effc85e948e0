"""What a pass does for a few merchants at once: announce closings, note reconciled merchants.

Either may be left to the next run: a closing stays in the outbox until it is announced, and a
merchant that is not noted is compared with the ledger again. So a failure of either ends no pass.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from chalicelib import observability
from chalicelib.closing.errors import is_transient
from chalicelib.closing.outbox import EVENTS_AT_ONCE, announce
from chalicelib.closing.ports import Ports

NOTED_AT_ONCE = 50
"""Number of merchants that are noted as reconciled by one statement."""


class Deliveries:
    """Collects closings and merchants, and delivers them ten and fifty at a time.

    What failed, also after `pauses` (seconds) if its error is transient, is not tried again in this
    pass: each try may take as long as closing many merchants. `failures` has one error of each.
    """

    def __init__(self, ports: Ports, day: date, pauses: Sequence[float]) -> None:
        self._ports = ports
        self._day = day
        self._pauses = pauses
        self._to_announce: list[Mapping[str, Any]] = []
        self._reconciled: list[str] = []
        self.failures: dict[str, Exception] = {}

    def announce(self, item: Mapping[str, Any]) -> None:
        """Announce an archived closing, with others."""
        self._to_announce.append(item)
        if len(self._to_announce) >= EVENTS_AT_ONCE:
            self._announce()

    def note_reconciled(self, merchant_id: str) -> None:
        """Note that all days of a merchant up to the run's are reconciled, with others."""
        self._reconciled.append(merchant_id)
        if len(self._reconciled) >= NOTED_AT_ONCE:
            self._note_reconciled()

    def finish(self) -> None:
        """Announce and note what is left."""
        self._announce()
        if self._reconciled:
            self._note_reconciled()

    def _announce(self) -> None:
        items, self._to_announce = self._to_announce, []
        self._attempt("announcements", lambda: announce(self._ports, items))

    def _note_reconciled(self) -> None:
        names, self._reconciled = self._reconciled, []
        mark_reconciled = self._ports.read_model.mark_reconciled
        self._attempt("reconciled merchants", lambda: mark_reconciled(names, self._day))

    def _attempt(self, what: str, work: Callable[[], None]) -> None:
        pauses = iter(self._pauses)
        while what not in self.failures:
            try:
                return work()
            except Exception as error:
                seconds = next(pauses, None) if is_transient(error) else None
                if seconds is None:
                    self.failures[what] = error
                    described = observability.describe_error(error)
                    observability.log("delivery_failed", what=what, **described)
                    return None
            self._ports.pause(seconds)
        return None

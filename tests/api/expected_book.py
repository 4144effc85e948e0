"""What the API must return of one merchant, by the reference model over its responses."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from verification.kit.reference_model import ExpectedEntry, ExpectedTotals, ReferenceLedger

DIGITS = {"BRL": 2, "JPY": 0, "BHD": 3}
Body = dict[str, Any]
ERASED: Body = {"description": None, "metadata": {}}


@dataclass
class Line:
    """An entry as first returned, the request that recorded it, and its state since.

    `seen` and `seen_erased` say whether the read model contains it, and its erasure.
    """

    entry: Body
    path: str
    body: Body
    key: str
    reversed_by: str | None = None
    erased: bool = False
    seen: bool = False
    seen_erased: bool = False

    @property
    def expected(self) -> ExpectedEntry:
        """The entry as the reference model adds it up."""
        names = ("type", "currency", "account", "category")
        fields = {name: self.entry[name] for name in names}
        day, minor = self.entry["day"], int(self.entry["amount"].replace(".", ""))
        return ExpectedEntry(
            self.entry["id"], "", amount_minor=minor, day=date.fromisoformat(day), **fields
        )


@dataclass
class ExpectedBook:
    """All entries by id, and by day the entries of each version of its closing."""

    lines: dict[str, Line] = field(default_factory=dict)
    sealed: dict[str, list[set[str]]] = field(default_factory=dict)

    def in_ledger(self, entry_id: str) -> Body:
        line = self.lines[entry_id]
        return line.entry | {"reversed_by": line.reversed_by} | (ERASED if line.erased else {})

    def in_list(self, entry_id: str) -> Body:
        line = self.lines[entry_id]
        reversal = self.lines.get(line.reversed_by or "")
        reversed_by = line.reversed_by if reversal and reversal.seen else None
        return line.entry | {"reversed_by": reversed_by} | (ERASED if line.seen_erased else {})

    def listed(self, matches: Callable[[Body], bool]) -> set[str]:
        seen = (entry_id for entry_id, line in self.lines.items() if line.seen)
        return {entry_id for entry_id in seen if matches(self.in_list(entry_id))}

    def of_day(self, day: str) -> set[str]:
        """Return the ids of a day's entries in the read model."""
        return self.listed(lambda entry: bool(entry["day"] == day))

    def close(self, day: str) -> bool:
        """Seal a day as the read model has it; return whether that makes a new version."""
        now, versions = self.of_day(day), self.sealed.get(day, [])
        if now == (versions[-1] if versions else set()):
            return False
        self.sealed[day] = [*versions, now]
        return True

    def balances(self, first: date, last: date, account: str | None, currency: str) -> list[Body]:
        """Return what the balances of consecutive days must be."""
        return [
            {
                "day": str(balance.day),
                "account": account,
                "currency": currency,
                "opening": shown(balance.opening_minor, currency),
                "closing": shown(balance.closing_minor, currency),
                **_sums(balance.totals, currency),
                **self._status(str(balance.day)),
            }
            for balance in self._read_model().balances("", first, last, account, currency)
        ]

    def cash_flow(self, first: date, last: date, by: str, group: str, currency: str) -> list[Body]:
        """Return what the cash flow of some days must be."""
        return [
            {
                "period": flow.period,
                "group": flow.group,
                "net": shown(flow.totals.net_minor, currency),
                **_sums(flow.totals, currency),
            }
            for flow in self._read_model().cash_flow("", first, last, by, group, currency)
        ]

    def _read_model(self) -> ReferenceLedger:
        return ReferenceLedger(line.expected for line in self.lines.values() if line.seen)

    def _status(self, day: str) -> Body:
        versions = self.sealed.get(day)
        if not versions:
            return {"status": "open", "version": None}
        status = "closed" if versions[-1] == self.of_day(day) else "restated"
        return {"status": status, "version": len(versions)}


def shown(minor: int, currency: str) -> str:
    """Return an amount as the contract shows it."""
    return f"{Decimal(minor).scaleb(-DIGITS[currency]):f}"


def _sums(totals: ExpectedTotals, currency: str) -> Body:
    credits, debits = (shown(minor, currency) for minor in totals[:2])
    return {"credits": credits, "debits": debits, "entries": totals.entries}

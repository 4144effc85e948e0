"""A reference model of one merchant: what ledger, read model and closings must contain."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

DIGITS = {"BRL": 2, "JPY": 0, "BHD": 3}
Answer = dict[str, Any]
BLANK: Answer = {"description": None, "metadata": {}}


@dataclass
class Line:
    """An entry as first returned, the request that recorded it, and its state since.

    `seen` and `seen_erased` say whether the read model contains it, and its erasure.
    """

    entry: Answer
    path: str
    body: Answer
    key: str
    reversed_by: str | None = None
    erased: bool = False
    seen: bool = False
    seen_erased: bool = False

    @property
    def shows_texts(self) -> bool:
        """Whether lists show its texts."""
        has_texts = self.entry["description"] is not None or bool(self.entry["metadata"])
        return self.seen and not self.seen_erased and has_texts

    @property
    def minor(self) -> int:
        """The amount in minor units."""
        return int(self.entry["amount"].replace(".", ""))


@dataclass
class ReferenceLedger:
    """All entries by id, and by day the entries of each version of its closing."""

    lines: dict[str, Line] = field(default_factory=dict)
    sealed: dict[str, list[set[str]]] = field(default_factory=dict)

    def in_ledger(self, entry_id: str) -> Answer:
        """Return an entry as the ledger must return it."""
        line = self.lines[entry_id]
        return line.entry | {"reversed_by": line.reversed_by} | (BLANK if line.erased else {})

    def in_list(self, entry_id: str) -> Answer:
        """Return an entry as a list must return it."""
        line = self.lines[entry_id]
        reversal = self.lines.get(line.reversed_by or "")
        reversed_by = line.reversed_by if reversal and reversal.seen else None
        return line.entry | {"reversed_by": reversed_by} | (BLANK if line.seen_erased else {})

    def listed(self, matches: Callable[[Answer], bool]) -> set[str]:
        """Return the ids of the matching entries in the read model."""
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
        self.sealed.setdefault(day, []).append(now)
        return True

    def erase_left(self, day: str) -> int:
        """Erase texts left in the read model on a day; return in how many of its balances."""
        left = [self.lines[entry_id] for entry_id in self.of_day(day)]
        left = [line for line in left if line.erased and line.shows_texts]
        for line in left:
            line.seen_erased = True
        return len({(line.entry["account"], line.entry["currency"]) for line in left})

    def balances(self, first: date, days: int, account: str | None, currency: str) -> list[Answer]:
        """Return what the balances of consecutive days must be."""

        def ids_of(is_day: Callable[[str], bool]) -> set[str]:
            return self.listed(
                lambda entry: (
                    is_day(entry["day"])
                    and entry["currency"] == currency
                    and account in (None, entry["account"])
                )
            )

        balance = self.net(ids_of(lambda day: day < str(first)))
        items = []
        for number in range(days):
            day = str(first + timedelta(days=number))
            entries = ids_of(day.__eq__)
            opening, balance = balance, balance + self.net(entries)
            ends = {"opening": shown(opening, currency), "closing": shown(balance, currency)}
            named = {"day": day, "account": account, "currency": currency}
            items.append(named | ends | self.sums(entries, currency) | self._status(day))
        return items

    def cash_flow(
        self, first: date, last: date, by: str, group: str, currency: str
    ) -> list[Answer]:
        """Return what the cash flow of some days must be."""
        parts: dict[tuple[str, bool, str], set[str]] = {}
        for entry_id in self.listed(
            lambda entry: str(first) <= entry["day"] <= str(last) and entry["currency"] == currency
        ):
            entry = self.lines[entry_id].entry
            name = "" if group == "none" else entry[group] or ""
            parts.setdefault((period(entry["day"], by), name == "", name), set()).add(entry_id)
        return [
            {"period": part[0], "group": part[2] or None, "net": shown(self.net(ids), currency)}
            | self.sums(ids, currency)
            for part, ids in sorted(parts.items())
        ]

    def net(self, entry_ids: Iterable[str]) -> int:
        """Return what entries add to a balance, in minor units."""
        lines = [self.lines[entry_id] for entry_id in entry_ids]
        return sum(line.minor if line.entry["type"] == "credit" else -line.minor for line in lines)

    def sums(self, entry_ids: Iterable[str], currency: str) -> Answer:
        """Return credits, debits and count of entries."""
        lines = [self.lines[entry_id] for entry_id in entry_ids]
        sums = {
            f"{kind}s": shown(
                sum(line.minor for line in lines if line.entry["type"] == kind), currency
            )
            for kind in ("credit", "debit")
        }
        return {**sums, "entries": len(lines)}

    def _status(self, day: str) -> Answer:
        versions = self.sealed.get(day)
        if not versions:
            return {"status": "open", "version": None}
        status = "closed" if versions[-1] == self.of_day(day) else "restated"
        return {"status": status, "version": len(versions)}


def shown(minor: int, currency: str) -> str:
    """Return an amount as the contract shows it."""
    return f"{Decimal(minor).scaleb(-DIGITS[currency]):f}"


def period(day: str, by: str) -> str:
    """Return the name of the day, ISO week or month that a day is in."""
    if by == "week":
        return "{}-W{:02}".format(*date.fromisoformat(day).isocalendar())
    return day if by == "day" else day[:7]

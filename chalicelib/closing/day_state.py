"""What the read model holds of a merchant's day at one moment, as PostgreSQL returns it in JSON."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from chalicelib.ledger.balances import Totals
from chalicelib.ledger.closings import LineKey
from chalicelib.ledger.entries import Entry, content_digest
from chalicelib.ledger.errors import ValidationError
from chalicelib.ledger.instants import parse_instant
from chalicelib.storage.postgres_rows import row_entry

Sums = Mapping[tuple[str, str], Totals]
"""Totals by name (an account, or a category: '' without one) and currency."""

_COLUMNS = (
    *("entry_id", "merchant_id", "type", "amount_minor", "currency", "account", "day"),
    *("occurred_at", "recorded_at", "recorded_by", "category", "reverses", "text_digest"),
)
"""An entry's columns in the order of a JSON row (sql.py), without the last seven."""
_NO_DIGEST = ""
_NO_DAY, _NO_MOMENT = "0001-01-01", "0001-01-01T00:00:00+00:00"
NO_TEXTS = b""


class RowCorrection(NamedTuple):
    """The number of the newest correction of an entry's category, and that category."""

    number: int
    category: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """An entry in the read model, without its texts.

    `digest` is computed from the row, and '' where it differs from the stored digest, or where the
    row's instant is not that of `occurred_at`, so that it equals no entry's. `texts` is the digest
    of all texts that are shown or searched, NO_TEXTS without any.
    """

    entry: Entry
    digest: str
    texts: bytes
    correction: RowCorrection | None = None

    @property
    def category(self) -> str | None:
        """The current category."""
        return self.correction.category if self.correction else self.entry.category


@dataclass(frozen=True, slots=True)
class PeriodSums:
    """A month's or a year's totals as stored, and as the sums of its days or months."""

    stored: Sums
    summed: Sums


@dataclass(frozen=True, slots=True)
class PriorBalance:
    """The balance of an account and currency before the day, in minor units.

    `sealed` is the sum of earlier days' closings, `unsealed` of entries of earlier days in no
    closing, `stored` of the read model's totals, which must be the sum of both. `surplus` is by how
    many entries the totals exceed those of both.
    """

    sealed: int = 0
    unsealed: int = 0
    stored: int = 0
    surplus: int = 0

    @property
    def adds_up(self) -> bool:
        """Whether the totals are the sums of closings and of entries in no closing."""
        return self.sealed + self.unsealed == self.stored and not self.surplus


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The newest closing of a merchant: the end of its chain; `closed_at` is RFC 3339 text."""

    sequence: int
    root: str
    closed_at: str


@dataclass(frozen=True, slots=True)
class DayState:
    """A merchant's day at one moment.

    `rows` are by entry id, in order. `change_id` numbers the last change that no run has looked at
    (None: no such change); `newest` is the day's newest closing as published; `sealed_ids` are the
    entries of all its closings; `repairs` counts the lines repaired since the newest.
    `closed_before` is the sequence number of the newest closing of the last closed day before this
    one, and that day.
    """

    merchant_id: str
    day: date
    rows: Mapping[str, Row]
    day_totals: Sums
    category_totals: Sums
    month: PeriodSums
    year: PeriodSums
    prior_balances: Mapping[LineKey, PriorBalance]
    change_id: int | None = None
    head: ChainHead | None = None
    closed_before: tuple[int, date] | None = None
    newest: Mapping[str, Any] | None = None
    sealed_ids: frozenset[str] = frozenset()
    repairs: int = 0

    @property
    def is_changed(self) -> bool:
        """Whether the day holds other entries than its closings do."""
        return self.rows.keys() != self.sealed_ids


def parse_day_state(text: str, merchant_id: str, day: date) -> DayState:
    """Return the state in the JSON text of day_state.sql."""
    state = json.loads(text)
    rows = [parse_row(row) for row in state["rows"] or ()]
    return DayState(
        merchant_id=merchant_id,
        day=day,
        rows={row.entry.entry_id: row for row in rows},
        day_totals=_sums(state["day"]),
        category_totals=_sums(state["category"]),
        month=PeriodSums(_sums(state["month"]), _sums(state["of_days"])),
        year=PeriodSums(_sums(state["year"]), _sums(state["of_months"])),
        prior_balances={
            (account, currency): PriorBalance(*sides)
            for account, currency, *sides in state["prior_balances"] or ()
        },
        change_id=state["change_id"],
        head=ChainHead(*state["head"]) if state["head"] else None,
        closed_before=_closed_before(state["closed_before"]),
        newest=state["newest"],
        sealed_ids=frozenset(state["sealed"] or ()),
        repairs=state["repairs"],
    )


def parse_row(values: Sequence[Any]) -> Row:
    """Return the row of a JSON array, with the digest of its present values."""
    *columns, stored_digest, instant, description, search_text, metadata, number, category = values
    entry = _entry(dict(zip(_COLUMNS, columns, strict=True)))
    digest = content_digest(entry)
    is_intact = digest == stored_digest and _is_instant_of(entry, instant)
    texts = texts_digest(description, search_text, metadata)
    correction = None if number is None else RowCorrection(number, category)
    return Row(entry, digest if is_intact else _NO_DIGEST, texts, correction)


def texts_digest(
    description: str | None, search_text: str | None, metadata: Mapping[str, Any]
) -> bytes:
    """Return the digest (SHA-256) of a row's texts, NO_TEXTS without any."""
    if description is None and search_text is None and not metadata:
        return NO_TEXTS
    # Not canonical_json(), which rejects what somebody may have put into the metadata by hand.
    texts = json.dumps([description, search_text, dict(metadata)], sort_keys=True)
    return hashlib.sha256(texts.encode()).digest()


def _closed_before(values: Sequence[Any] | None) -> tuple[int, date] | None:
    return (values[0], date.fromisoformat(values[1])) if values else None


def _entry(row: Mapping[str, Any]) -> Entry:
    try:
        return row_entry(row)
    except ValueError:  # a date that was altered by hand, as to 'infinity', and is no entry's
        return row_entry({**row, "day": _NO_DAY, "recorded_at": _NO_MOMENT})


def _is_instant_of(entry: Entry, instant: str) -> bool:
    try:
        return parse_instant(entry.occurred_at) == datetime.fromisoformat(instant)
    except (ValidationError, ValueError):  # altered by hand, as to 'infinity'
        return False


def _sums(lines: Sequence[Sequence[Any]] | None) -> Sums:
    return {(name, currency): Totals(*sums) for name, currency, *sums in lines or ()}

"""From what PostgreSQL answers to the values of this room; integers stay exact."""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from chalicelib.consolidation.day_state import Before, DayState, Head, Period, Row, Sums
from chalicelib.consolidation.ports import MerchantDays
from chalicelib.ledger.balances import Totals
from chalicelib.ledger.entries import Entry, content_digest

_NO_DIGEST = ""


def merchant_days(rows: Iterable[Sequence[Any]]) -> list[MerchantDays]:
    """Return merchants with the days that are told with them, in order."""
    return [
        MerchantDays(merchant_id, tuple(date.fromisoformat(day) for day in json.loads(days)))
        for merchant_id, days in rows
    ]


def day_state(told: str, merchant_id: str, day: date) -> DayState:
    """Return what day_state.sql answered."""
    answer = json.loads(told)
    rows = [row(one) for one in answer["rows"] or ()]
    return DayState(
        merchant_id=merchant_id,
        day=day,
        rows={one.entry.entry_id: one for one in rows},
        day_totals=_sums(answer["day"]),
        category_totals=_sums(answer["category"]),
        month=Period(_sums(answer["month"]), _sums(answer["of_days"])),
        year=Period(_sums(answer["year"]), _sums(answer["of_months"])),
        before={(line[0], line[1]): Before(*line[2:]) for line in answer["before"] or ()},
        mark=answer["mark"],
        head=Head(*answer["head"]) if answer["head"] else None,
        newest=answer["newest"],
        sealed_ids=frozenset(answer["sealed"] or ()),
        repairs=answer["repairs"],
    )


def row(told: Sequence[Any]) -> Row:
    """Return an entry's row, its digest counted anew from what stands there."""
    *parts, kept_digest, has_texts = told
    entry = _entry(parts)
    digest = content_digest(entry)
    return Row(entry, digest if digest == kept_digest else _NO_DIGEST, has_texts)


def _entry(parts: Sequence[Any]) -> Entry:
    entry_id, merchant_id, kind, amount_minor, currency, account, day, occurred_at = parts[:8]
    recorded_at, recorded_by, category, reverses, text_digest = parts[8:]
    return Entry(
        entry_id=entry_id,
        merchant_id=merchant_id,
        type=kind,
        amount_minor=amount_minor,
        currency=currency,
        account=account,
        day=date.fromisoformat(day),
        occurred_at=occurred_at,
        recorded_at=datetime.fromisoformat(recorded_at),
        recorded_by=recorded_by,
        category=category,
        reverses=reverses,
        text_digest=text_digest,
    )


def _sums(lines: Sequence[Sequence[Any]] | None) -> Sums:
    return {(name, currency): Totals(*sums) for name, currency, *sums in lines or ()}

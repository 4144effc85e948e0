"""From what PostgreSQL answers to the values of this room; integers stay exact."""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from chalicelib.closing.day_state import ChainHead, DayState, Period, PriorBalance, Row, Sums
from chalicelib.closing.ports import MerchantDays
from chalicelib.ledger.balances import Totals
from chalicelib.ledger.entries import content_digest
from chalicelib.storage.postgres_rows import row_entry

_COLUMNS = (
    *("entry_id", "merchant_id", "type", "amount_minor", "currency", "account", "day"),
    *("occurred_at", "recorded_at", "recorded_by", "category", "reverses", "text_digest"),
)
"""Of a row, as statements.py asks for it, but for what only says whether it is as it was."""
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
        before={(line[0], line[1]): PriorBalance(*line[2:]) for line in answer["before"] or ()},
        mark=answer["mark"],
        head=ChainHead(*answer["head"]) if answer["head"] else None,
        newest=answer["newest"],
        sealed_ids=frozenset(answer["sealed"] or ()),
        repairs=answer["repairs"],
    )


def row(told: Sequence[Any]) -> Row:
    """Return an entry's row, its digest counted anew from what stands there."""
    *parts, kept_digest, has_texts = told
    entry = row_entry(dict(zip(_COLUMNS, parts, strict=True)))
    digest = content_digest(entry)
    return Row(entry, digest if digest == kept_digest else _NO_DIGEST, has_texts)


def _sums(lines: Sequence[Sequence[Any]] | None) -> Sums:
    return {(name, currency): Totals(*sums) for name, currency, *sums in lines or ()}

"""Names of the periods of a cash flow (fluxo de caixa): days, ISO weeks and months."""

from datetime import date
from typing import Literal

Period = Literal["day", "week", "month"]
Grouping = Literal["category", "account", "none"]


def period_name(day: date, by: Period) -> str:
    """Return the name of a day's period: "2026-11-23", "2026-W48" (ISO 8601) or "2026-11"."""
    if by == "week":
        year, week, _ = day.isocalendar()
        return f"{year:04d}-W{week:02d}"
    return day.isoformat() if by == "day" else day.isoformat()[:7]

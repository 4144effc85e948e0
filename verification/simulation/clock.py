"""The story's time: it goes on at every call, in leaps between them, and no two machines agree."""

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/Sao_Paulo")
MOST_SKEW_MS = 1500

# The offset of São Paulo from UTC, written out, so that no library is believed twice.
_SUMMERS = (
    (datetime(2017, 10, 15, 3, tzinfo=UTC), datetime(2018, 2, 18, 2, tzinfo=UTC)),
    (datetime(2018, 11, 4, 3, tzinfo=UTC), datetime(2019, 2, 17, 2, tzinfo=UTC)),
)
_STARTS = (
    datetime(2026, 11, 20, 11, tzinfo=UTC),
    datetime(2026, 12, 29, 1, 30, tzinfo=UTC),
    datetime(2024, 2, 27, 20, tzinfo=UTC),
    datetime(2018, 11, 2, 15, tzinfo=UTC),
)


class Clock:
    """The moment it is; `skew` in ms is how far machines' clocks are off."""

    def __init__(self, chance: random.Random, start: datetime | None = None) -> None:
        self._chance = chance
        self._began = self.now = start or chance.choice(_STARTS)

    def read(self) -> datetime:
        """Return the moment that a machine believes it is."""
        return self.now - timedelta(milliseconds=self._chance.randrange(MOST_SKEW_MS))

    def tick(self) -> None:
        """Let a call take its time."""
        self.now += timedelta(milliseconds=self._chance.randrange(1, 30))

    def leap(self, span: timedelta) -> None:
        """Let time pass."""
        self.now += span

    def seconds(self) -> float:
        """Return the seconds since the story began."""
        return (self.now - self._began).total_seconds()

    @property
    def today(self) -> date:
        """The business day it is, by the offsets written out above."""
        return local_day(self.now)


def local_day(instant: datetime) -> date:
    """Return the day that an instant falls on in São Paulo, counted by hand."""
    is_summer = any(start <= instant < end for start, end in _SUMMERS)
    return (instant.astimezone(UTC) - timedelta(hours=2 if is_summer else 3)).date()

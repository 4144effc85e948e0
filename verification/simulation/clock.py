"""The scenario's time: it advances at every call and leaps; machines' clocks differ."""

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from verification.kit.reference_model import business_day

ZONE = ZoneInfo("America/Sao_Paulo")
MAX_SKEW_MS = 1500
_SKEWS = tuple(timedelta(milliseconds=number) for number in range(MAX_SKEW_MS))
_CALLS_LAST = tuple(timedelta(milliseconds=number) for number in range(1, 30))

_STARTS = (
    datetime(2026, 11, 20, 11, tzinfo=UTC),
    datetime(2026, 12, 29, 1, 30, tzinfo=UTC),
    datetime(2024, 2, 27, 20, tzinfo=UTC),
    datetime(2018, 11, 2, 15, tzinfo=UTC),
)


class Clock:
    """The true time; machines read it late by up to MAX_SKEW_MS."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._began = self.now = chance.choice(_STARTS)

    def read(self) -> datetime:
        """Return the time by the clock of a machine."""
        return self.now - self._chance.choice(_SKEWS)

    def read_seconds(self) -> datetime:
        """Return the time of a machine in whole seconds, which concurrent runs often share."""
        return self.read().replace(microsecond=0)

    def tick(self) -> None:
        """Advance by the duration of a call."""
        self.now += self._chance.choice(_CALLS_LAST)

    def leap(self, span: timedelta) -> None:
        """Advance by a span."""
        self.now += span

    def seconds(self) -> float:
        """Return the seconds since the scenario began."""
        return (self.now - self._began).total_seconds()

    def moment(self, seconds: float) -> datetime:
        """Return when that many seconds had passed since the scenario began."""
        return self._began + timedelta(seconds=seconds)

    @property
    def today(self) -> date:
        """The current business day, by the reference model."""
        return business_day(self.now)

    @property
    def yesterday(self) -> date:
        """The business day before the current one."""
        return self.today - timedelta(days=1)

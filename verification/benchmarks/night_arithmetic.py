"""The time and cost of a night of a million merchants, calculated from what its parts take.

What AWS takes is assumed, and stated with the result.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from infrastructure.cost.prices import prices
from infrastructure.functions import function
from infrastructure.sizes import LARGE
from verification.benchmarks.results import Comparison, Target, at_most, microseconds

MERCHANTS, WITH_ENTRIES, ENTRIES_A_DAY = 1_000_000, 100_000, 30
RANGES_AT_ONCE = LARGE.ranges_at_once
LANES, CORES_OF_SERVER = 4, 2
SWEPT = WITH_ENTRIES * ENTRIES_A_DAY * 365 // 30
"""Entries of a ledger of one year that a night compares."""
SECONDS = {
    "statement": 0.001,
    "Query": 0.006,
    "Scan": 0.050,
    "ListObjectVersions": 0.030,
    "GetObject": 0.025,
    "PutObject": 0.040,
    "Sign": 0.015,
    "PutEvents": 0.020,
}
"""How long a call waits for the network and AWS: assumed, not measured."""
AT_ONCE = {"new": 16, "old": 16, "shop": 4}
"""How many queries a merchant's range has under way at the same time."""
_PRICES = {
    "Scan": ("dynamodb_read_unit", 128.0),
    "Query": ("dynamodb_read_unit", 0.5),
    "Sign": ("kms_asymmetric_request", 1.0),
    "PutObject": ("s3_put", 1.0),
    "ListObjectVersions": ("s3_put", 1.0),
    "PutEvents": ("eventbridge_event", 10.0),
}
"""The price of a call, and how many units of it one call has."""
_NAMES = {
    "new": "a merchant without entries, a month old",
    "old": "a merchant without entries, ten years old",
    "shop": "a merchant with 30 entries, whose day is closed",
}
_ABOUT = (
    "CPU time of the function and of PostgreSQL (on this machine, every commit on disk), and the "
    "calls, of one merchant; the clients of AWS respond at once. The time in AWS adds what a call "
    "is assumed to wait: {waits}."
)
_WHY_OLD = (
    "Each night compares a thirtieth of a merchant's days within the read model, which is the only "
    "part that grows with its age."
)

_WHY_NIGHT = (
    "Closing a day waits for six calls of AWS, one after the other; more ranges at once shorten it."
)


class Measured(NamedTuple):
    """Seconds of CPU of the function and of the server, and numbers of calls, of one unit."""

    function: float
    server: float
    calls: Mapping[str, float]

    def seconds(self, queries_at_once: int = 1) -> float:
        """Return how long it takes in AWS."""
        waits = {name: number * SECONDS[name] for name, number in self.calls.items()}
        waits["Query"] = waits.get("Query", 0.0) / queries_at_once
        return self.function + self.server + sum(waits.values())

    def dollars(self) -> float:
        """Return what its calls cost, without Lambda."""
        listed = prices().dollars
        priced = (
            (number, *_PRICES[name]) for name, number in self.calls.items() if name in _PRICES
        )
        return sum(number * units * listed[price] for number, price, units in priced)


def comparison(kinds: Mapping[str, Measured], sweep: Measured, days: int) -> Comparison:
    """Return the table of the parts, and the night that follows from them."""
    took = {name: kind.seconds(AT_ONCE[name]) for name, kind in kinds.items()}
    rows = [
        [
            _NAMES[name],
            microseconds(kind.function),
            microseconds(kind.server),
            ", ".join(f"{number:.2g} {call}" for call, number in kind.calls.items()),
            f"{took[name] * 1e3:.1f} ms",
        ]
        for name, kind in kinds.items()
    ]
    swept = sweep.seconds()
    rows.append(
        ["the sweep, an entry", microseconds(sweep.function), microseconds(sweep.server), "",
         microseconds(swept)]
    )  # fmt: skip
    return Comparison(
        title="A night",
        about=_ABOUT.format(
            waits=", ".join(f"{name} {each * 1e3:.0f} ms" for name, each in SECONDS.items())
        ),
        columns=["", "CPU of the function", "CPU of the server", "calls", "time in AWS"],
        rows=rows,
        targets=list(_targets(kinds, sweep, took)),
        notes=_notes(kinds, sweep, took, days),
    )


def _targets(
    kinds: Mapping[str, Measured], sweep: Measured, took: Mapping[str, float]
) -> Iterator[Target]:
    hours = _night(kinds, sweep, took)
    yield at_most(
        "a night of 1,000,000 merchants, by arithmetic, to an hour", hours, 1.0, _WHY_NIGHT
    )
    grown = took["old"] / took["new"]
    yield at_most("an idle merchant of ten years, to one of a month", grown, 1.1, _WHY_OLD)


def _night(
    kinds: Mapping[str, Measured], sweep: Measured, took: Mapping[str, float], idle: str = "new"
) -> float:
    """Return the hours of a night; its idle merchants are all of one kind."""
    quiet = MERCHANTS - WITH_ENTRIES
    ranges = (quiet * took[idle] + WITH_ENTRIES * took["shop"]) / RANGES_AT_ONCE
    of_server = quiet * kinds[idle].server + WITH_ENTRIES * kinds["shop"].server
    lanes, swept = SWEPT * sweep.seconds() / LANES, SWEPT * sweep.server
    return (max(ranges, of_server / CORES_OF_SERVER) + max(lanes, swept / CORES_OF_SERVER)) / 3600


def _notes(
    kinds: Mapping[str, Measured], sweep: Measured, took: Mapping[str, float], days: int
) -> list[str]:
    quiet = MERCHANTS - WITH_ENTRIES
    parts = (quiet * took["new"], WITH_ENTRIES * took["shop"], SWEPT * sweep.seconds())
    memory = function("consolidate_range").memory_mb / 1024
    dollars = (
        quiet * kinds["new"].dollars()
        + WITH_ENTRIES * kinds["shop"].dollars()
        + SWEPT * sweep.dollars()
        + sum(parts) * memory * prices().dollars["lambda_gb_second"]
    )
    idle, shops, swept = (seconds / 60 for seconds in parts)
    return [
        f"**By arithmetic, not measured in AWS:** {quiet:,} merchants without entries take "
        f"{idle / RANGES_AT_ONCE:.0f} minutes in {RANGES_AT_ONCE} ranges at once, {WITH_ENTRIES:,} "
        f"with {ENTRIES_A_DAY} entries {shops / RANGES_AT_ONCE:.0f}, and the sweep of a thirtieth "
        f"of a year's {SWEPT * 30:,} entries {swept / LANES:.0f} in {LANES} lanes: "
        f"{_night(kinds, sweep, took) * 60:.0f} minutes, and ${dollars:.2f} "
        f"({prices().region}). PostgreSQL has {CORES_OF_SERVER} cores (db.m7g.large), as fast as "
        "this machine's.",
        f"If all merchants without entries were ten years old, with entries on {days} days: "
        f"{_night(kinds, sweep, took, 'old') * 60:.0f} minutes.",
    ]

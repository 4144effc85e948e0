"""`make bench-cold`: print what each first invocation costs, beside its libraries alone.

All processes of a round run one after the other, so that a slow moment of the machine is everyone's
and ratios can be compared. Exits with 1 where a function takes more than 1.2 times what its
libraries take.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

from verification.benchmarks.cold_start.aws_stand_in import AwsStandIn, aws_stand_in
from verification.benchmarks.cold_start.first_events import first_events
from verification.benchmarks.cold_start.paths import ColdPlace, cold_place

AIM = 1.2
INVOCATION = Path(__file__).with_name("invocation.py")
REFERENCE = {
    "modules": ["chalice.app", "pydantic"],
    "services": ["dynamodb"],
    "calls": [],
    "sessions": 0,
    "uses_redis": False,
}
Told = Mapping[str, Any]


def main() -> int:
    """Measure, print the table, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m verification.benchmarks.cold_start", description=__doc__
    )
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    with aws_stand_in() as aws, cold_place(aws.url) as place:
        events = first_events()
        known = {name: _recorded(place, aws, result) for name, result in events.items()}
        spent = _interleaved(place, events, known, rounds)
    return _tell(spent, list(events))


def _recorded(place: ColdPlace, aws: AwsStandIn, told: Told) -> Told:
    aws.taken()
    rows = _run(place, "record", told)
    return {**rows, "calls": aws.taken()}


def _interleaved(
    place: ColdPlace, events: Mapping[str, Told], known: Mapping[str, Told], rounds: int
) -> dict[str, list[float]]:
    works: dict[str, tuple[str, Told]] = {"reference": ("libraries", REFERENCE)}
    for name, result in events.items():
        works[name] = ("invoke", result)
        works[_alone(name)] = ("libraries", known[name])
    spent: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, (what, result) in works.items():
            spent[name].append(_run(place, what, result)["cpu_ms"])
    return spent


def _run(place: ColdPlace, what: str, told: Told) -> dict[str, Any]:
    command = [sys.executable, "-S", "-E", "-P", str(INVOCATION), str(place.bundle), what]
    ran = subprocess.run(
        [*command, json.dumps(told)],
        env=place.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode != 0:
        raise SystemExit(f"{what} {told.get('function')}: {ran.stdout}{ran.stderr}")
    done: dict[str, Any] = json.loads(ran.stderr)
    return done


def _tell(spent: Mapping[str, list[float]], names: list[str]) -> int:
    reference = median(spent["reference"])
    print(f"bare Chalice + pydantic + one botocore client: {reference:.0f} ms of CPU\n")
    print(f"{'first invocation':36} {'CPU ms':>7} {'libraries':>10} {'ratio':>6} {'x bare':>7}")
    slow = 0
    for name in names:
        whole, alone = median(spent[name]), median(spent[_alone(name)])
        ratio = median(a / b for a, b in zip(spent[name], spent[_alone(name)], strict=True))
        slow += ratio > AIM
        beside = whole / reference
        print(f"{name:36} {whole:7.0f} {alone:10.0f} {ratio:6.2f} {beside:7.2f}")
    print(f"\n{slow} of {len(names)} above {AIM} times their libraries")
    return 1 if slow else 0


def _alone(name: str) -> str:
    return f"{name}, its libraries"


if __name__ == "__main__":
    sys.exit(main())

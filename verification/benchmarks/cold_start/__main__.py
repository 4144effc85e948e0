"""Measure the first invocation of each function, and compare it with its libraries alone.

The processes of a round run one after the other, so that a slow moment of the machine affects all.
Fails if a function takes more than 1.2 times as long as its libraries.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from verification.commands import VerificationError, progress, run_command

if TYPE_CHECKING:
    from verification.benchmarks.cold_start.paths import ColdPlace

BOUND = 1.2
INVOCATION = Path(__file__).with_name("invocation.py")
REFERENCE = {
    "modules": ["chalice.app", "pydantic"],
    "services": ["dynamodb"],
    "calls": [],
    "sessions": 0,
    "uses_redis": False,
}
Job = Mapping[str, Any]


def main() -> int:
    """Measure, print the table, and return 1 if a function is too slow."""
    parser = argparse.ArgumentParser(
        prog="python -m verification.benchmarks.cold_start", description=__doc__
    )
    parser.add_argument("--rounds", type=int, default=9, help="first invocations of each function")
    rounds = parser.parse_args().rounds
    from verification.benchmarks.cold_start.aws_stand_in import aws_stand_in
    from verification.benchmarks.cold_start.first_events import first_events
    from verification.benchmarks.cold_start.paths import cold_place

    with aws_stand_in() as aws, cold_place(aws.url) as place:
        events = first_events()
        libraries = {}
        for name, event in events.items():
            progress(f"recording the libraries of {name} …")
            aws.taken()
            libraries[name] = {**_run(place, "record", event), "calls": aws.taken()}
        progress(f"{rounds} rounds …")
        seconds = _interleaved(place, events, libraries, rounds)
    return _report(seconds, list(events))


def _interleaved(
    place: "ColdPlace", events: Mapping[str, Job], libraries: Mapping[str, Job], rounds: int
) -> dict[str, list[float]]:
    jobs: dict[str, tuple[str, Job]] = {"reference": ("libraries", REFERENCE)}
    for name, event in events.items():
        jobs[name] = ("invoke", event)
        jobs[_alone(name)] = ("libraries", libraries[name])
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(rounds):
        for name, (command, job) in jobs.items():
            seconds[name].append(_run(place, command, job)["cpu_ms"])
    return seconds


def _run(place: "ColdPlace", command: str, job: Job) -> dict[str, Any]:
    completed = subprocess.run(
        [sys.executable, "-S", "-E", "-P", str(INVOCATION), str(place.bundle), command,
         json.dumps(job)],
        env=place.environment,
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    if completed.returncode != 0:
        output = completed.stdout + completed.stderr
        raise VerificationError(f"{command} {job.get('function')} failed: {output}")
    result: dict[str, Any] = json.loads(completed.stderr)
    return result


def _report(seconds: Mapping[str, list[float]], names: list[str]) -> int:
    reference = median(seconds["reference"])
    print(f"bare Chalice + pydantic + one botocore client: {reference:.0f} ms of CPU\n")
    print(f"{'first invocation':36} {'CPU ms':>7} {'libraries':>10} {'ratio':>6} {'x bare':>7}")
    slow = 0
    for name in names:
        whole, alone = median(seconds[name]), median(seconds[_alone(name)])
        ratios = (a / b for a, b in zip(seconds[name], seconds[_alone(name)], strict=True))
        ratio = median(ratios)
        slow += ratio > BOUND
        print(f"{name:36} {whole:7.0f} {alone:10.0f} {ratio:6.2f} {whole / reference:7.2f}")
    print(f"\n{slow} of {len(names)} take more than {BOUND} times as long as their libraries.")
    return 1 if slow else 0


def _alone(name: str) -> str:
    return f"{name}, its libraries"


if __name__ == "__main__":
    sys.exit(run_command(main, "nothing was measured."))

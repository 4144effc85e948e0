"""Measure the first invocation of each function, and compare it with libraries alone.

The processes of a round run one after the other, so that a slow moment of the machine affects all;
a figure is the best of the rounds. Two references: the function's own libraries from the bundle,
and a bare service: Chalice, pydantic and one botocore client, as pip installs them.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from verification.commands import VerificationError, at_least, progress, run_command

if TYPE_CHECKING:
    from verification.benchmarks.cold_start.paths import ColdPlace

OWN_BOUND = 1.1
INVOCATION = Path(__file__).with_name("invocation.py")
BARE = {
    "modules": ["chalice.app", "pydantic"],
    "services": ["dynamodb"],
    "calls": [],
    "sessions": 0,
    "uses_redis": False,
}
BOUNDS = {"api: POST /v1/entries": 1.15, "api: GET /v1/daily-balances/{day}": 0.70}
"""The bounds of the routes that a process most often begins with, to the bare service."""
EARLIER = {
    "api: POST /v1/entries": 1.90,
    "api: GET /v1/daily-balances/{day}": 0.86,
}
"""The same ratios before the models of AWS services were trimmed, when Redis was loaded at once."""
Job = Mapping[str, Any]


class Row(NamedTuple):
    """A function's first invocation: CPU milliseconds, and the ratios to both references.

    `own_modules` is the number of this project's modules that it loads.
    """

    name: str
    milliseconds: float
    to_own: float
    to_bare: float
    own_modules: int

    @property
    def misses(self) -> str:
        """What it takes longer than it may, and why; "" if nothing."""
        bound = BOUNDS.get(self.name)
        ratio, most, of = (
            (self.to_own, OWN_BOUND, "its libraries") if bound is None
            else (self.to_bare, bound, "the bare service")
        )  # fmt: skip
        if ratio <= most:
            return ""
        libraries = self.milliseconds / self.to_own
        return (
            f"more than {most} of {of}. Its libraries take {libraries:.0f} ms; the other "
            f"{self.milliseconds - libraries:.0f} ms load {self.own_modules} modules of this "
            "project and handle the event."
        )


def main() -> int:
    """Measure, print the table, and return 1 if a function is too slow."""
    parser = argparse.ArgumentParser(
        prog="python -m verification.benchmarks.cold_start", description=__doc__
    )
    parser.add_argument(
        "--rounds", type=at_least(1), default=9, help="first invocations of each function"
    )
    parser.add_argument("--only", default="", help="only functions whose name contains this")
    options = parser.parse_args()
    from verification.benchmarks.cold_start.aws_stand_in import aws_stand_in
    from verification.benchmarks.cold_start.first_events import first_events
    from verification.benchmarks.cold_start.paths import cold_place

    with aws_stand_in() as aws, cold_place(aws.url) as place:
        events = {name: job for name, job in first_events().items() if options.only in name}
        libraries = {}
        for name, event in events.items():
            progress(f"recording the libraries of {name} …")
            aws.taken()
            libraries[name] = {**_run(place, "record", event), "calls": aws.taken()}
        progress(f"{options.rounds} rounds …")
        seconds = _interleaved(place, events, libraries, options.rounds)
    return _report(seconds, {name: job["own_modules"] for name, job in libraries.items()})


def _interleaved(
    place: "ColdPlace", events: Mapping[str, Job], libraries: Mapping[str, Job], rounds: int
) -> dict[str, list[float]]:
    jobs: dict[str, tuple[str, Job]] = {"bare": ("bare", BARE)}
    for name, event in events.items():
        jobs[name] = ("invoke", event)
        jobs[_alone(name)] = ("libraries", libraries[name])
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(rounds):
        for name, (command, job) in jobs.items():
            seconds[name].append(_run(place, command, job)["cpu_ms"])
    return seconds


def _run(place: "ColdPlace", command: str, job: Job) -> dict[str, Any]:
    folder = place.bundle
    if command == "bare":
        folder, command = place.whole_libraries, "libraries"
    completed = subprocess.run(
        [sys.executable, "-S", "-E", "-P", str(INVOCATION), str(folder), command, json.dumps(job)],
        env=place.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if completed.returncode != 0:
        output = completed.stdout + completed.stderr
        raise VerificationError(f"{command} {job.get('function')} failed: {output}")
    result: dict[str, Any] = json.loads(completed.stderr)
    return result


def _report(seconds: Mapping[str, list[float]], own_modules: Mapping[str, int]) -> int:
    best = {name: min(each) for name, each in seconds.items()}
    bare = best["bare"]
    print(f"bare Chalice + pydantic + one botocore client, untrimmed: {bare:.0f} ms of CPU\n")
    print(f"{'first invocation':36} {'CPU ms':>7} {'to own':>7} {'to bare':>8} {'earlier':>8}")
    rows = [
        Row(name, best[name], best[name] / best[_alone(name)], best[name] / bare, modules)
        for name, modules in own_modules.items()
    ]
    for row in rows:
        earlier = f"{EARLIER[row.name]:.2f}" if row.name in EARLIER else ""
        figures = f"{row.milliseconds:7.0f} {row.to_own:7.2f} {row.to_bare:8.2f} {earlier:>8}"
        print(f"{row.name:36} {figures}")
    missed = [row for row in rows if row.misses]
    for row in missed:
        print(f"\nmissed: {row.name}: {row.misses}")
    return 1 if missed else 0


def _alone(name: str) -> str:
    return f"{name}, its libraries"


if __name__ == "__main__":
    sys.exit(run_command(main, "nothing was measured."))

"""Measure what hostile bodies cost, as a multiple of a good body of the same size, in one run.

`python -m verification.benchmarks.hostile_bodies` prints a line for each, and fails above five
times. The application runs in this process over stores that respond at once.
"""

import itertools
import sys
import time

from verification.benchmarks.rounds import silence_logs
from verification.commands import run_command

LIMIT = 5.0
ROUNDS = 15


def main() -> int:
    """Measure and print; return 1 if a body costs more than the limit."""
    from verification.benchmarks.handlers import own_application
    from verification.kit.api_client import ApiClient, in_process, unverified_token
    from verification.kit.hostile_bodies import GOOD, HOSTILE

    client = ApiClient(in_process(own_application()), unverified_token())
    keys = (f"key-{number}" for number in itertools.count())

    def median_ms(body: bytes, status: int | None = None) -> float:
        seconds = []
        for _ in range(ROUNDS + 1):
            with silence_logs():
                started = time.perf_counter()
                response = client.post("/v1/entries", body, next(keys))
                seconds.append(time.perf_counter() - started)
            if status is not None and response.status != status:
                raise RuntimeError(f"The good body must be recorded: {response.text}")
        return sorted(seconds[1:])[ROUNDS // 2] * 1000  # without the first one, which warms up

    good = median_ms(GOOD, 201)
    print(f"{'a good body':26} {good:8.2f} ms")
    ratios = {name: median_ms(body) / good for name, body in HOSTILE.items()}
    for name, ratio in ratios.items():
        print(f"{name:26} {ratio:8.2f} × a good body")
    highest = max(ratios.values())
    print(f"The highest is {highest:.2f} ×, and may be {LIMIT:g} ×.")
    return int(highest > LIMIT)


if __name__ == "__main__":
    sys.exit(run_command(main, "nothing was measured."))

"""Measure what hostile bodies cost, as a multiple of a good body of the same size, in one run.

`python -m verification.benchmarks.hostile_bodies` prints a line for each, and fails above five
times. The application and an emulation of the ledger's table run in this process.
"""

import itertools
import os
import sys
import time

from verification.benchmarks.rounds import silence_logs
from verification.commands import run_command

LIMIT = 5.0
ROUNDS = 15
ENVIRONMENT = {
    "ENTRIES_TABLE": "entries",
    "AWS_DEFAULT_REGION": "sa-east-1",
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
}


def main() -> int:
    """Measure and print; return 1 if a body costs more than the limit."""
    from moto import mock_aws

    from verification.kit.hostile_bodies import GOOD, HOSTILE

    os.environ.update(ENVIRONMENT)
    with mock_aws():
        _create_table()
        good = _median_ms(GOOD, "good")
        ratios = {name: _median_ms(body, "rejected") / good for name, body in HOSTILE.items()}
    print(f"{'a good body':26} {good:8.2f} ms")
    for name, ratio in ratios.items():
        print(f"{name:26} {ratio:8.2f} × a good body")
    highest = max(ratios.values())
    print(f"The highest is {highest:.2f} ×, and may be {LIMIT:g} ×.")
    return int(highest > LIMIT)


def _median_ms(body: bytes, prefix: str) -> float:
    import app
    from verification.kit.api_client import ApiClient, in_process, unverified_token

    client = ApiClient(in_process(app.app), unverified_token())
    keys = (f"{prefix}-{number}" for number in itertools.count())
    seconds = []
    for _ in range(ROUNDS + 1):
        with silence_logs():
            started = time.perf_counter()
            client.post("/v1/entries", body, next(keys))
            seconds.append(time.perf_counter() - started)
    return sorted(seconds[1:])[ROUNDS // 2] * 1000  # without the first one, which warms up


def _create_table() -> None:
    from chalicelib.runtime import clients

    clients.aws("dynamodb").create_table(
        TableName=ENVIRONMENT["ENTRIES_TABLE"],
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "entry_id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "entry_id", "KeyType": "HASH"}],
    )


if __name__ == "__main__":
    sys.exit(run_command(main, "nothing was measured."))

"""What a hostile body costs, as a multiple of a good one of the same size, in one run.

`python -m benchmarks.hostile_bodies` prints a line each and fails above five times. The
application runs in this process, and so does an emulation of the ledger's table.
"""

import contextlib
import io
import itertools
import os
import sys
import time
from collections.abc import Callable
from functools import partial

from tests.api.hostile_bodies import GOOD, HOSTILE
from verification.kit.api_client import ApiClient, Response, in_process, unverified_token

LIMIT = 5.0
ROUNDS = 15
PLACE = {
    "ENTRIES_TABLE": "entries",
    "AWS_DEFAULT_REGION": "sa-east-1",
    "AWS_ACCESS_KEY_ID": "nobody",
    "AWS_SECRET_ACCESS_KEY": "nothing",
}
_KEYS = itertools.count()


def main() -> int:
    """Measure and print; answer 1 when a body costs more than the limit."""
    from moto import mock_aws

    os.environ.update(PLACE)
    with mock_aws():
        _make_table()
        good = _median_ms(lambda: _post(GOOD, f"good-{next(_KEYS)}"))
        ratios = {
            name: _median_ms(partial(_post, body, "refused")) / good
            for name, body in HOSTILE.items()
        }
    print(f"{'a good body':26} {good:8.2f} ms")
    for name, ratio in ratios.items():
        print(f"{name:26} {ratio:8.2f} times that")
    return int(max(ratios.values()) > LIMIT)


def _median_ms(act: Callable[[], Response]) -> float:
    _timed(act)  # the first one warms up
    times = sorted(_timed(act) for _ in range(ROUNDS))
    return times[ROUNDS // 2] * 1000


def _timed(act: Callable[[], Response]) -> float:
    with contextlib.redirect_stdout(io.StringIO()):
        started = time.perf_counter()
        act()
        return time.perf_counter() - started


def _post(body: bytes, key: str) -> Response:
    import app

    return ApiClient(in_process(app.app), unverified_token()).post("/v1/entries", body, key)


def _make_table() -> None:
    from chalicelib.runtime import clients

    clients.aws("dynamodb").create_table(
        TableName=PLACE["ENTRIES_TABLE"],
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "entry_id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "entry_id", "KeyType": "HASH"}],
    )


if __name__ == "__main__":
    sys.exit(main())

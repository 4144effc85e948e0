"""The read model, made again from the ledger by the deployed function, call after call."""

import json
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

LONGEST_CALL_SECONDS = 900
PAUSES = (5, 60, 300, 600)
"""Seconds before a piece is asked for again; all together longer than one that nobody hears of."""
_SHORTEST_TOO_LONG = 2_000
_ABOUT = {
    "totals": "comparing totals",
    "ledger": "reading the ledger",
    "rows": "looking rows up in the ledger",
    "repairs": "putting right",
    "done": "done",
}


class RebuildError(Exception):
    """A piece of the rebuild failed each time; the message says where to go on from."""


class _RebuildPieceError(Exception):
    """The function's own complaint about one piece."""


_FAILURES = (BotoCoreError, ClientError, _RebuildPieceError)


def client_options() -> dict[str, Any]:
    """Return the options of a Lambda client that waits for as long as a call may take."""
    from botocore.config import Config

    # Asking twice would run it twice, and a connection that is silent for minutes may be dropped.
    patient = Config(
        read_timeout=LONGEST_CALL_SECONDS + 10,
        retries={"total_max_attempts": 1},
        tcp_keepalive=True,
    )
    return {"config": patient}


def rebuild(
    lambdas: Any,
    function: str,
    merchant_id: str | None,
    tell: Callable[[str], None],
    position: str | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> dict[str, Any]:
    """Have one merchant's read model, or (None) all of it, made again; return the counts.

    `tell` hears of each piece. `position` is where an earlier rebuild was left. A piece that failed
    is asked for again, which is as good as once; but not the first one, for what is wrong from the
    beginning does not mend itself. Raises RebuildError.
    """
    request = {} if merchant_id is None else {"merchant_id": merchant_id}
    pauses: tuple[int, ...] = ()
    while True:
        ask = partial(_answer, lambdas, function, {**request, "position": position})
        try:
            result = _piece(ask, pauses, tell, pause)
        except KeyboardInterrupt:
            raise RebuildError(f"Interrupted.{_way_on(position)}") from None
        except _FAILURES as failure:
            raise RebuildError(f"{failure}{_way_on(position)}") from failure
        position, pauses = result.pop("position"), PAUSES
        tell(_progress(result))
        if position is None:
            return result


def _piece(
    ask: Callable[[], dict[str, Any]],
    pauses: Sequence[int],
    tell: Callable[[str], None],
    pause: Callable[[float], None],
) -> dict[str, Any]:
    for seconds in pauses:
        try:
            return ask()
        except _FAILURES as failure:
            tell(f"{failure} Asking again in {seconds} s.")
            pause(seconds)
    return ask()


def _answer(lambdas: Any, function: str, asked: dict[str, Any]) -> dict[str, Any]:
    answer = lambdas.invoke(FunctionName=function, Payload=json.dumps(asked))
    result: dict[str, Any] = json.loads(answer["Payload"].read() or "null")
    if "FunctionError" in answer:
        raise _RebuildPieceError(f"The rebuild failed: {result.get('errorMessage', result)}")
    return result


def _progress(told: dict[str, Any]) -> str:
    counts = ", ".join(f"{told[name]:,} {name}" for name in told if name != "phase")
    return f"{_ABOUT[told['phase']]}: {counts}"


def _way_on(position: str | None) -> str:
    if position is None or len(position) >= _SHORTEST_TOO_LONG:
        return "\nWhat was put right is right; begin again."
    return f"\nGo on from here with POSITION={position}"

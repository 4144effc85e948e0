"""Migrates the schema and rebuilds the content of a stage's read model, by its functions.

A rebuild takes many calls; each returns the position from which the next continues.
"""

import json
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from deploy.rebuild_position import RUN_AGAIN, Resumption

Report = Callable[[str], None]
Pause = Callable[[float], None]
Result = TypeVar("Result")

ADMINISTRATOR = "livro_admin"
FIRST_MIGRATION = "0001_tables.sql"
LONGEST_CALL_SECONDS = 900
BUSY_SECONDS = 60
PAUSES = (5, 60, 300, 600)
"""Seconds between attempts of one piece; their sum exceeds a call whose response was lost."""
_PHASES = {
    "totals": "comparing totals",
    "ledger": "reading the ledger",
    "row_sums": "comparing the rows' sums with the ledger's",
    "rows": "looking rows up in the ledger",
    "repairs": "repairing",
    "entries": "loading entries",
    "indexes": "building indexes",
    "sums": "adding up totals",
    "done": "done",
}


class MigrationFailedError(Exception):
    """The migration failed and left the schema as it was; the message has the reason."""


class RebuildError(Exception):
    """A piece of the rebuild failed repeatedly; the message says how to resume."""


class BusyError(RebuildError):
    """As many calls of the function are under way as may run at once."""


class _RebuildPieceError(Exception):
    """The function raised an error for one piece."""


_NOT_READY = {"ResourceNotReadyException", "ResourceConflictException"}
_REJECTED = "position must be"
_THROTTLED = "TooManyRequestsException"
_FAILURES = (BotoCoreError, ClientError, _RebuildPieceError)


def migrate(
    lambdas: Any,
    function: str,
    report: Report,
    role: str = ADMINISTRATOR,
    pause: Pause = time.sleep,
) -> list[str]:
    """Migrate the schema as `role`, and return the names of the applied migrations.

    The first migration creates the other roles, so it needs an administrator. Raises
    MigrationFailedError, and BusyError while another migration does not end.
    """
    call = partial(_invoke, lambdas, function, {"role": role})
    response = when_free(call, report, pause)
    result = json.loads(response["Payload"].read() or "null")
    if "FunctionError" in response:
        raise MigrationFailedError(f"{function}: {result.get('errorMessage', result)}")
    applied: list[str] = result["applied"]
    return applied


def client_options() -> dict[str, Any]:
    """Return the options of a Lambda client that waits for the longest possible call."""
    from botocore.config import Config

    # A retry would run the call twice; keep-alive prevents that a silent connection is dropped.
    config = Config(
        read_timeout=LONGEST_CALL_SECONDS + 10,
        retries={"total_max_attempts": 1},
        tcp_keepalive=True,
    )
    return {"config": config}


def rebuild(
    lambdas: Any,
    function: str,
    merchant_id: str | None,
    report: Report,
    position: str | None = None,
    pause: Pause = time.sleep,
) -> dict[str, Any]:
    """Rebuild the read model of one merchant, or of all (None); return the counts.

    `report` is called after each piece. `position` resumes an earlier rebuild (@ and a file's path:
    the position in it). A failed piece may be repeated safely, and is; but not the first one, whose
    error would recur. Raises RebuildError.
    """
    request = {} if merchant_id is None else {"merchant_id": merchant_id}
    try:
        resumption = Resumption(position, report)
    except (OSError, ValueError) as error:
        raise RebuildError(f"The file of the position cannot be read: {error}") from None
    position = resumption.position
    pauses: tuple[int, ...] = ()
    while True:
        call = partial(_call, lambdas, function, {**request, "position": position})
        try:
            result = _retrying(call, pauses, report, pause)
        except KeyboardInterrupt:
            raise _stopped("Interrupted.", resumption, position) from None
        except (*_FAILURES, BusyError) as error:
            raise _stopped(str(error), resumption, position) from error
        position, pauses = result.pop("position"), PAUSES
        report(f"{_PHASES[result['phase']]}: {counts_text(result)}")
        if position is None:
            break
    resumption.delete_file()
    if merchant_id is not None and not any(result[name] for name in result if name != "phase"):
        raise RebuildError(
            f"Neither the ledger nor the read model has entries of a merchant {merchant_id!r}; "
            "give the merchant's id, such as padaria."
        )
    return result


def _stopped(reason: str, resumption: Resumption, position: str | None) -> RebuildError:
    if _REJECTED in reason:  # so nothing can be resumed there
        return RebuildError(f"{reason}\nGive what a stopped rebuild printed, or no --position.")
    return RebuildError(f"{reason}{resumption.how_to_continue(position)}")


def began_empty(lambdas: Any, function: str) -> bool:
    """Return whether the read model began empty, and a load of it has not ended.

    Raises BusyError, or RebuildError for any other failure.
    """
    try:
        begun = _call(lambdas, function, {"load": {"step": "entries"}})
    except BusyError as error:
        raise BusyError(f"{error}{RUN_AGAIN}") from error
    except _FAILURES as error:
        raise RebuildError(f"{error}{RUN_AGAIN}") from error
    return begun["position"] is not None


def when_free(call: Callable[[], Result], report: Report, pause: Pause) -> Result:
    """Repeat a call that raises BusyError, for as long as the calls under way may last."""
    for _ in range(LONGEST_CALL_SECONDS // BUSY_SECONDS):
        try:
            return call()
        except BusyError as error:
            [reason, *_] = str(error).splitlines()
            report(f"{reason} Trying again in {BUSY_SECONDS} s.")
            pause(BUSY_SECONDS)
    return call()


def counts_text(result: dict[str, Any]) -> str:
    """Return the counts of a rebuild as text, such as "4,000,000 entries, 2 missing"."""
    return ", ".join(f"{result[name]:,} {name}" for name in result if name != "phase")


def _retrying(
    call: Callable[[], dict[str, Any]],
    pauses: Sequence[int],
    report: Report,
    pause: Pause,
) -> dict[str, Any]:
    for seconds in pauses:
        try:
            return when_free(call, report, pause)
        except _FAILURES as error:
            report(f"{error} Trying again in {seconds} s.")
            pause(seconds)
    return when_free(call, report, pause)


def _call(lambdas: Any, function: str, request: dict[str, Any]) -> dict[str, Any]:
    response = _invoke(lambdas, function, request)
    result: dict[str, Any] = json.loads(response["Payload"].read() or "null")
    if "FunctionError" in response:
        raise _RebuildPieceError(f"The rebuild failed: {result.get('errorMessage', result)}")
    return result


def _invoke(lambdas: Any, function: str, request: dict[str, Any]) -> dict[str, Any]:
    """Call a function; wait for one that is not ready, which means that its code did not run.

    Lambda reclaims the network of a function that was idle for 14 days, and its next call fails.
    Raises BusyError where Lambda runs as many calls of the function as it may.
    """
    call = partial(lambdas.invoke, FunctionName=function, Payload=json.dumps(request))
    try:
        response: dict[str, Any] = call()
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == _THROTTLED:
            raise BusyError(
                f"All calls that {function} may run at once are under way, each for up to "
                f"{LONGEST_CALL_SECONDS // 60} minutes ({error})."
            ) from error
        if code not in _NOT_READY:
            raise
        lambdas.get_waiter("function_active_v2").wait(FunctionName=function)
        response = call()
    return response

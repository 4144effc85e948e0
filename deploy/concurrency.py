"""The concurrency that a stage's functions reserve: as much as the account and the stream allow.

A new account has a concurrency of 10 until AWS raises it, and Lambda keeps 100 unreserved
(PutFunctionConcurrency). So a small stage goes without reservations where the account has too
little: then the account's limit and the gateway's throttles bound the database's connections.
"""

from collections.abc import Callable
from typing import Any

from deploy.aws import Aws
from infrastructure.functions import APPLICATION, FUNCTIONS, PROJECTOR
from infrastructure.stages import Stage

# The concurrency that Lambda keeps for functions without a reservation.
UNRESERVED = 100

Reservations = dict[str, int]
"""The reserved concurrency by function; a function that is not in it has none."""


class AccountError(Exception):
    """The account has too little concurrency for the stage; the message says what to request."""


def planned_reservations(aws: Aws, stage: Stage, report: Callable[[str], None]) -> Reservations:
    """Return what the stage's functions are to reserve, for today's shards of its stream.

    Raises AccountError where the account's concurrency is too low for a stage that needs
    reservations; for any other stage it reports that, and returns none.
    """
    shards = open_shards(aws, stage)
    wanted = stage.size.reservations(shards)
    if shards > wanted[PROJECTOR]:
        report(
            f"The ledger's stream has {shards} shards, and only {wanted[PROJECTOR]} are projected "
            "at a time; raise MaxConnections (docs/operations.md, Shards of the stream)."
        )
    shortage = _shortage(aws, stage, sum(wanted.values()))
    if shortage is None:
        return wanted
    if stage.size.needs_reservations:
        raise AccountError(shortage)
    report(f"{shortage} Until then the stage's functions reserve none.")
    return {}


def open_shards(aws: Aws, stage: Stage) -> int:
    """Return the number of open shards of the ledger's stream; 0 where there is no ledger yet."""
    tables, streams = aws.client("dynamodb"), aws.client("dynamodbstreams")
    try:
        table = tables.describe_table(TableName=f"{APPLICATION}-{stage.name}-entries")["Table"]
    except tables.exceptions.ResourceNotFoundException:
        return 0
    count, place = 0, {"StreamArn": table["LatestStreamArn"]}
    while True:
        description = streams.describe_stream(**place)["StreamDescription"]
        ranges = [shard["SequenceNumberRange"] for shard in description["Shards"]]
        count += sum("EndingSequenceNumber" not in each for each in ranges)
        if not description.get("LastEvaluatedShardId"):
            return count
        place["ExclusiveStartShardId"] = description["LastEvaluatedShardId"]


def _shortage(aws: Aws, stage: Stage, wanted: int) -> str | None:
    """Return a sentence where the account's concurrency is too low.

    Concurrency that other functions have reserved is not available; what this stage has reserved
    already is.
    """
    lambdas = aws.client("lambda")
    limit = lambdas.get_account_settings()["AccountLimit"]
    held = sum(_reserved(lambdas, function.aws_name(stage.name)) for function in FUNCTIONS)
    others = limit["ConcurrentExecutions"] - limit["UnreservedConcurrentExecutions"] - held
    needed = others + wanted + UNRESERVED
    if limit["ConcurrentExecutions"] >= needed:
        return None
    return (
        f"The account's Lambda concurrency is {limit['ConcurrentExecutions']}; other functions "
        f"have reserved {others}, this stage reserves {wanted}, and Lambda keeps {UNRESERVED}. "
        f"Request {needed} from AWS (Service Quotas, Lambda, concurrent executions), or remove "
        "other reservations."
    )


def _reserved(lambdas: Any, name: str) -> int:
    try:
        concurrency = lambdas.get_function_concurrency(FunctionName=name)
    except lambdas.exceptions.ResourceNotFoundException:
        return 0
    return int(concurrency.get("ReservedConcurrentExecutions", 0))

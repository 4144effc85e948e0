"""What the functions reserve, by the room in the account and the shards of the stream."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from deploy.aws import Aws
from deploy.concurrency import AccountError, planned_reservations
from infrastructure.functions import function
from infrastructure.stages import load

# 28 API, 6 projector, 8 ranges of the consolidation, 4 parts of a rebuild and 4 others.
TRIAL = 28 + 6 + 8 + 4 + 4
# 300 API, 16 projector, 16 ranges, 3 × 4 other tasks, 1 migration and 16 parts of a rebuild.
PRODUCTION = 300 + 16 + 16 + 12 + 1 + 16
OWN = {"livro-caixa-trial": 28, "livro-caixa-trial-projector": 6}


class _NotFoundError(Exception):
    pass


NOT_FOUND = SimpleNamespace(ResourceNotFoundException=_NotFoundError)


@dataclass
class Lambda:
    """An account with this concurrency, and what functions have reserved of it by name."""

    concurrency: int
    reserved: dict[str, int] = field(default_factory=dict)
    exceptions = NOT_FOUND

    def get_account_settings(self) -> dict[str, Any]:
        unreserved = self.concurrency - sum(self.reserved.values())
        limit = {"ConcurrentExecutions": self.concurrency}
        return {"AccountLimit": limit | {"UnreservedConcurrentExecutions": unreserved}}

    def get_function_concurrency(self, FunctionName: str) -> dict[str, int]:  # noqa: N803
        if FunctionName not in self.reserved:
            raise _NotFoundError
        return {"ReservedConcurrentExecutions": self.reserved[FunctionName]}


@dataclass
class Ledger:
    """A ledger's table and its stream, read ten shards a page; None is no table."""

    shards: int | None = None
    exceptions = NOT_FOUND

    def describe_table(self, **_: str) -> dict[str, Any]:
        if self.shards is None:
            raise _NotFoundError
        return {"Table": {"LatestStreamArn": "arn:stream"}}

    def describe_stream(self, StreamArn: str, ExclusiveStartShardId: str = "-1") -> dict[str, Any]:  # noqa: N803
        ranges: list[dict[str, str]] = [{"EndingSequenceNumber": "9"}] * 3  # three that are read
        ranges += [{}] * (self.shards or 0)
        start = int(ExclusiveStartShardId) + 1
        page = [{"SequenceNumberRange": each} for each in ranges[start : start + 10]]
        more = {"LastEvaluatedShardId": f"{start + 9}"} if start + 10 < len(ranges) else {}
        return {"StreamDescription": {"Shards": page, **more}}


def reserve(
    concurrency: int,
    stage: str = "trial",
    reserved: dict[str, int] | None = None,
    shards: int | None = None,
) -> tuple[dict[str, int], list[str]]:
    """Return the planned reservations, and the reported lines."""
    clients = {"lambda": Lambda(concurrency, reserved or {})}
    clients |= dict.fromkeys(("dynamodb", "dynamodbstreams"), Ledger(shards))  # type: ignore[arg-type]
    lines: list[str] = []
    aws = Aws(None, "sa-east-1", "123456789012", "aws", None, clients)
    return planned_reservations(aws, load(stage), lines.append), lines


def test_functions_reserve_where_the_account_allows() -> None:
    reserved, lines = reserve(TRIAL + 100)
    assert (sum(reserved.values()), reserved["api_handler"], lines) == (TRIAL, 28, [])
    reserved, lines = reserve(PRODUCTION + 100, "production")
    assert (sum(reserved.values()), lines) == (PRODUCTION, [])


@pytest.mark.parametrize("concurrency", [10, TRIAL + 99])
def test_small_stage_needs_no_reservations(concurrency: int) -> None:
    reserved, (line,) = reserve(concurrency)
    assert reserved == {}
    assert f"Request {TRIAL + 100} from AWS" in line
    assert line.endswith("Until then the stage's functions reserve none.")


def test_large_stage_needs_reservations() -> None:
    with pytest.raises(AccountError, match=f"Request {PRODUCTION + 100} from AWS"):
        reserve(PRODUCTION + 99, "production")


def test_other_stages_reservations_are_unavailable() -> None:
    others = {"livro-caixa-other": 300}
    assert reserve(PRODUCTION + 400, "production", others)[1] == []
    with pytest.raises(AccountError, match="other functions have reserved 300"):
        reserve(PRODUCTION + 399, "production", others)


def test_own_reservations_count_once() -> None:
    assert reserve(TRIAL + 100, reserved=OWN)[1] == []
    assert reserve(TRIAL + 100, reserved={function("projector").aws_name("trial"): 1})[1] == []


@pytest.mark.parametrize(("shards", "calls"), [(None, 6), (4, 6), (7, 7), (11, 11)])
def test_projector_reserves_a_call_per_shard(shards: int | None, calls: int) -> None:
    reserved, lines = reserve(1000, shards=shards)
    assert (reserved["projector"], lines) == (calls, [])


def test_connections_limit_the_projectors_calls() -> None:
    reserved, (line,) = reserve(1000, shards=180)
    assert reserved["projector"] == 13  # 2 × (58 + 7) + 5 of 136 connections
    assert line.startswith("The ledger's stream has 180 shards, and only 13 are projected")
    reserved, _ = reserve(2000, "production", shards=180)
    assert reserved["projector"] == 26

"""Stacks in any state of an earlier attempt, in the emulator's CloudFormation."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from deploy.layers import text_or_url
from deploy.stacks import StackError, Stacks
from local.emulator import Emulator, start_emulator

QUEUE = """
Parameters:
  Days: {Type: Number, Default: 1}
  Name: {Type: String, Default: one}
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties: {QueueName: !Ref Name, MessageRetentionPeriod: 600}
Outputs:
  Queue: {Value: !Ref Name}
"""
NOTHING = """
  Nothing:
    Type: AWS::KMS::Alias
    Properties: {AliasName: no-alias, TargetKeyId: no-key}
"""


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    started = start_emulator(tmp_path_factory.mktemp("stacks"))
    yield started
    started.server.stop()


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def stacks(emulator: Emulator, lines: list[str]) -> Stacks:
    return Stacks(emulator.client("cloudformation"), lines.append, lambda _: time.sleep(0.02))


def test_stack_is_created_and_updated(stacks: Stacks, lines: list[str]) -> None:
    assert stacks.deploy("made", QUEUE, {"Name": "a"}) == {"Queue": "a"}
    assert stacks.deploy("made", QUEUE, {"Name": "a"}) == {"Queue": "a"}
    assert stacks.deploy("made", QUEUE, {"Name": "b"}) == {"Queue": "b"}
    ends = ["creating …", "created", "unchanged", "updated"]
    assert lines == [f"made: {end}" for end in ends]


def test_failed_creation_is_repeated(stacks: Stacks) -> None:
    with pytest.raises(StackError, match="Nothing"):
        stacks.deploy("failed", f"Resources:{NOTHING}", {})
    assert stacks.deploy("failed", QUEUE, {"Name": "c"}) == {"Queue": "c"}


def test_rolled_back_update_is_repeated(stacks: Stacks, emulator: Emulator) -> None:
    stacks.deploy("rolled-back", QUEUE, {"Name": "d"})
    with pytest.raises(StackError, match="rolled-back is UPDATE_ROLLBACK_COMPLETE"):
        stacks.deploy("rolled-back", QUEUE.replace("Outputs:", f"{NOTHING}Outputs:"), {"Name": "d"})
    assert stacks.deploy("rolled-back", QUEUE, {"Name": "e"}) == {"Queue": "e"}


def test_protection_is_updated(stacks: Stacks) -> None:
    def protected() -> Any:
        return (stacks.described("protected") or {})["EnableTerminationProtection"]

    for wanted in (True, True, False):
        stacks.deploy("protected", QUEUE, {"Name": "f"}, protected=wanted)
        assert protected() == wanted


def test_long_template_is_passed_by_url(stacks: Stacks, emulator: Emulator) -> None:
    storage = emulator.client("s3")
    storage.create_bucket(Bucket="artifacts")
    long = QUEUE + "# " + "x" * 51_200
    url = text_or_url(storage, "artifacts", long)
    assert url == text_or_url(storage, "artifacts", long)
    assert stacks.deploy("long", url, {"Name": "g"}) == {"Queue": "g"}
    assert text_or_url(storage, "artifacts", QUEUE) == QUEUE


@dataclass
class StuckCloudFormation:
    """A partly deleted stack; further attempts to delete it end with these statuses."""

    ends: list[str]
    status: str = "DELETE_FAILED"

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803
        return {"Stacks": [{"StackStatus": self.status}]}

    def delete_stack(self, StackName: str) -> None:  # noqa: N803
        self.status = self.ends.pop(0)

    def describe_stack_events(self, StackName: str) -> dict[str, Any]:  # noqa: N803
        events = [
            ("stuck", "DELETE_FAILED", "The following resource(s) failed to delete: [Seals]."),
            ("Seals", "DELETE_FAILED", "the bucket is not empty"),
            ("stuck", "DELETE_IN_PROGRESS", "User Initiated"),
            ("Network", "DELETE_FAILED", "long ago"),
        ]
        names = ("LogicalResourceId", "ResourceStatus", "ResourceStatusReason")
        return {"StackEvents": [dict(zip(names, event, strict=True)) for event in events]}


def _stuck(*ends: str) -> Stacks:
    return Stacks(StuckCloudFormation(list(ends)), lambda _: None, lambda _: None)


def test_partly_deleted_stack_is_deleted() -> None:
    _stuck("DELETE_COMPLETE").remove("stuck")
    with pytest.raises(StackError) as caught:
        _stuck("DELETE_FAILED").remove("stuck")
    assert "Seals: the bucket is not empty." in str(caught.value)
    assert "long ago" not in str(caught.value)
    assert str(caught.value).endswith("--stack-name stuck --retain-resources Seals")


def test_partly_deleted_stack_is_not_updated() -> None:
    with pytest.raises(StackError, match=r"partly deleted.*--stack-name stuck\).*Seals"):
        _stuck().deploy("stuck", QUEUE, {})


def test_deleting_a_missing_stack_does_nothing(stacks: Stacks) -> None:
    stacks.remove("nowhere")
    assert stacks.outputs("nowhere") == {}

"""Stacks, whatever an earlier attempt left of them, in the emulator's CloudFormation."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from deploy.layers import handed_over
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
def heard() -> list[str]:
    return []


@pytest.fixture
def stacks(emulator: Emulator, heard: list[str]) -> Stacks:
    return Stacks(emulator.client("cloudformation"), heard.append, lambda _: time.sleep(0.02))


def test_a_stack_is_made_left_alone_and_changed(stacks: Stacks, heard: list[str]) -> None:
    assert stacks.deploy("made", QUEUE, {"Name": "a"}) == {"Queue": "a"}
    assert stacks.deploy("made", QUEUE, {"Name": "a"}) == {"Queue": "a"}
    assert stacks.deploy("made", QUEUE, {"Name": "b"}) == {"Queue": "b"}
    assert heard == [
        "made: creating …", "made: created", "made: unchanged", "made: updated"
    ]  # fmt: skip


def test_a_stack_that_never_came_to_be_is_made_anew(stacks: Stacks) -> None:
    with pytest.raises(StackError, match="Nothing"):
        stacks.deploy("anew", f"Resources:{NOTHING}", {})
    assert stacks.deploy("anew", QUEUE, {"Name": "c"}) == {"Queue": "c"}


def test_a_stack_whose_update_went_back_keeps_what_it_had_and_is_updated_again(
    stacks: Stacks, emulator: Emulator
) -> None:
    stacks.deploy("kept", QUEUE, {"Name": "d"})
    with pytest.raises(StackError, match="kept is UPDATE_ROLLBACK_COMPLETE"):
        stacks.deploy(
            "kept",
            QUEUE.replace("Outputs:", f"{NOTHING}Outputs:"),
            {"Name": "d"},
        )
    assert stacks.deploy("kept", QUEUE, {"Name": "e"}) == {"Queue": "e"}


def test_protection_follows_the_stages_file(stacks: Stacks) -> None:
    def protected() -> Any:
        return (stacks.described("guarded") or {})["EnableTerminationProtection"]

    for wanted in (True, True, False):
        stacks.deploy("guarded", QUEUE, {"Name": "f"}, protected=wanted)
        assert protected() == wanted


def test_a_template_that_is_too_long_is_handed_over_by_its_place(
    stacks: Stacks, emulator: Emulator
) -> None:
    storage = emulator.client("s3")
    storage.create_bucket(Bucket="artifacts")
    long = QUEUE + "# " + "x" * 51_200
    place = handed_over(storage, "artifacts", long)
    assert place == handed_over(storage, "artifacts", long)
    assert stacks.deploy("long", place, {"Name": "g"}) == {"Queue": "g"}
    assert handed_over(storage, "artifacts", QUEUE) == QUEUE


@dataclass
class StuckCloudFormation:
    """One stack that was removed in part: each further attempt ends as `ends` says."""

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


def test_a_stack_that_was_removed_in_part_is_removed_to_the_end() -> None:
    _stuck("DELETE_COMPLETE").remove("stuck")


def test_what_keeps_a_stack_from_going_is_told_with_what_to_do() -> None:
    with pytest.raises(StackError) as result:
        _stuck("DELETE_FAILED").remove("stuck")
    assert "Seals: the bucket is not empty." in str(result.value)
    assert "long ago" not in str(result.value)
    assert str(result.value).endswith("--stack-name stuck --retain-resources Seals")


def test_a_stack_that_was_removed_in_part_is_not_brought_up_but_told_of() -> None:
    with pytest.raises(StackError, match=r"removed in part.*--stack-name stuck\).*Seals"):
        _stuck().deploy("stuck", QUEUE, {})


def test_a_stack_that_is_not_there_is_removed_without_a_word(stacks: Stacks) -> None:
    stacks.remove("nowhere")
    assert stacks.outputs("nowhere") == {}

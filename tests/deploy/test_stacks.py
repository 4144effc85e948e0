"""Stacks in any state of an earlier attempt, in the emulator's CloudFormation."""

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
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


PROTECTED = """
Parameters:
  Protection: {Type: String, AllowedValues: ["on", "off"]}
Conditions:
  Protected: !Equals [!Ref Protection, "on"]
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: protected-entries
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      DeletionProtectionEnabled: !If [Protected, true, false]
  Bucket:
    Type: AWS::S3::Bucket
    DeletionPolicy: RetainExceptOnCreate
    Properties: {ObjectLockEnabled: true}
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


def test_failed_creation_leaves_no_protected_part(stacks: Stacks, emulator: Emulator) -> None:
    """A rollback deletes no protected table, and no protected stack is deleted."""
    tables, buckets = emulator.client("dynamodb"), emulator.client("s3")
    before = len(buckets.list_buckets()["Buckets"])
    failing = PROTECTED + NOTHING.replace(
        "Properties:", "DependsOn: [Table, Bucket]\n    Properties:"
    )
    with pytest.raises(StackError, match="sealed is ROLLBACK_COMPLETE: Nothing"):
        stacks.deploy("sealed", failing, {"Protection": "on"}, protected=True)
    assert tables.list_tables()["TableNames"] == []
    assert len(buckets.list_buckets()["Buckets"]) == before
    stacks.deploy("sealed", PROTECTED, {"Protection": "on"}, protected=True)
    table = tables.describe_table(TableName="protected-entries")["Table"]
    assert table["DeletionProtectionEnabled"] is True
    assert (stacks.described("sealed") or {})["EnableTerminationProtection"] is True


def test_creation_that_was_protected_at_once_is_repeated(
    stacks: Stacks, emulator: Emulator
) -> None:
    with pytest.raises(StackError):
        stacks.deploy("older", f"Resources:{NOTHING}", {})
    emulator.client("cloudformation").update_termination_protection(
        StackName="older", EnableTerminationProtection=True
    )
    assert stacks.deploy("older", QUEUE, {"Name": "h"}, protected=True) == {"Queue": "h"}


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


class KilledError(BaseException):
    """The process ends at once."""


@dataclass
class Killed:
    """A client that ends the process after this many changes; AWS has received the last one.

    After a call that only reads, the process might as well end after the change before it.
    """

    client: Any
    changes_left: int

    def __getattr__(self, name: str) -> Any:
        call = getattr(self.client, name)

        def counted(**params: Any) -> Any:
            response = call(**params)
            self.changes_left -= not name.startswith("describe")
            if self.changes_left == 0 and not name.startswith("describe"):
                raise KilledError
            return response

        return counted


@pytest.mark.parametrize("protected", [False, True])
def test_stacks_survive_kills_after_any_call(emulator: Emulator, protected: bool) -> None:
    """Killed after each call in turn, the next deployment or removal completes."""
    cloudformation, number = emulator.client("cloudformation"), 0
    wanted = {"Protection": "on" if protected else "off"}
    template = PROTECTED.replace("protected-entries", f"killed-{protected}")
    complete = False
    while not complete:
        number += 1
        killed = Stacks(Killed(cloudformation, number), lambda _: None, lambda _: time.sleep(0.02))
        sound = replace(killed, cloudformation=cloudformation)
        with suppress(KilledError):
            killed.deploy("killed", template, wanted, protected)
            complete = True
        sound.deploy("killed", template, wanted, protected)
        assert bool((sound.described("killed") or {})["EnableTerminationProtection"]) == protected
        sound.deploy("killed", template, {"Protection": "off"})
        with suppress(KilledError):
            replace(killed, cloudformation=Killed(cloudformation, number)).remove("killed")
        sound.remove("killed")
        assert sound.described("killed") is None
    assert number == (4 if protected else 2)  # created, protected in two steps, and done


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


def test_endless_operation_ends_the_deployment() -> None:
    clock = [0.0]
    endless: Any = StuckCloudFormation([], "UPDATE_IN_PROGRESS")
    pause = lambda seconds: clock.__setitem__(0, clock[0] + seconds)  # noqa: E731
    stacks = Stacks(endless, lambda _: None, pause, lambda: clock[0])
    with pytest.raises(StackError, match="stuck is still UPDATE_IN_PROGRESS after 90 minutes"):
        stacks.deploy("stuck", QUEUE, {})
    assert clock[0] <= 91 * 60


def test_deleting_a_missing_stack_does_nothing(stacks: Stacks) -> None:
    stacks.remove("nowhere")
    assert stacks.outputs("nowhere") == {}

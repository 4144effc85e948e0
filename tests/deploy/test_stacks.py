"""Stacks, whatever an earlier attempt left of them, in the emulator's CloudFormation."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from deploy.layers import LONGEST_TEMPLATE, handed_over
from deploy.stacks import StackFailed, Stacks
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
    with pytest.raises(StackFailed, match="Nothing"):
        stacks.deploy("anew", f"Resources:{NOTHING}", {})
    assert stacks.deploy("anew", QUEUE, {"Name": "c"}) == {"Queue": "c"}


def test_a_stack_whose_update_went_back_keeps_what_it_had_and_is_updated_again(
    stacks: Stacks, emulator: Emulator
) -> None:
    stacks.deploy("kept", QUEUE, {"Name": "d"})
    with pytest.raises(StackFailed, match="kept is UPDATE_ROLLBACK_COMPLETE"):
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
    long = QUEUE + "# " + "x" * LONGEST_TEMPLATE
    place = handed_over(storage, "artifacts", long)
    assert place == handed_over(storage, "artifacts", long)
    assert stacks.deploy("long", place, {"Name": "g"}) == {"Queue": "g"}
    assert handed_over(storage, "artifacts", QUEUE) == QUEUE


def test_a_stack_that_is_not_there_is_removed_without_a_word(stacks: Stacks) -> None:
    stacks.remove("nowhere")
    assert stacks.outputs("nowhere") == {}

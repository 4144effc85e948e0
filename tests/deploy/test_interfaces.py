"""Functions leave the network before they and their roles are deleted."""

import pytest

from deploy.interfaces import InterfacesRemainError, await_removal, leave_network
from tests.deploy.aws_facts import Clock, LambdaInterfaces


def test_removal_waits_for_lambdas_interfaces() -> None:
    clock, lines = Clock(), list[str]()
    aws = LambdaInterfaces(clock, in_network={"one", "two"}, roles={"one", "two", "outside"})
    assert leave_network(aws, ["one", "outside", "two"]) == ["one", "two"]
    assert aws.changing == set()
    await_removal(aws, "sg-1", lines.append, clock.wait, clock)
    assert 20 <= clock.now / 60 < 21
    assert len(lines) == 1
    assert "Lambda still has to remove 2 of the functions' interfaces" in lines[0]


def test_no_interfaces_take_no_time() -> None:
    clock, lines = Clock(), list[str]()
    aws = LambdaInterfaces(clock, in_network=set())
    assert leave_network(aws, ["outside"]) == []
    await_removal(aws, "sg-1", lines.append, clock.wait, clock)
    assert (clock.now, lines) == (0, [])


def test_interfaces_without_a_role_are_named() -> None:
    clock = Clock()
    aws = LambdaInterfaces(clock, in_network={"one"}, roles=set())
    leave_network(aws, ["one"])
    with pytest.raises(InterfacesRemainError, match=r"eni-one.*delete-network-interface"):
        await_removal(aws, "sg-1", lambda _: None, clock.wait, clock)
    assert 45 <= clock.now / 60 < 46

"""The functions' network interfaces, which Lambda must remove before their roles are deleted.

Lambda developer guide, "Understanding Hyperplane elastic network interfaces": Lambda needs up to 20
minutes to delete the interfaces that no function uses any more, and uses the permissions of the
functions' roles for it. Where the roles are gone, the interfaces remain, and with them the network.
"""

import time
from collections.abc import Callable, Iterable
from typing import Any

LONGEST_WAIT_SECONDS = 45 * 60
_PAUSE_SECONDS = 20.0

Report = Callable[[str], None]


class InterfacesRemainError(Exception):
    """Lambda did not remove the functions' interfaces; the message says what to do."""


def leave_network(lambdas: Any, functions: Iterable[str]) -> list[str]:
    """Take functions out of the network, and wait until they are; return the names of those."""
    leaving = [name for name in functions if _subnets(lambdas, name)]
    for name in leaving:
        lambdas.get_waiter("function_updated_v2").wait(FunctionName=name)
        nowhere: dict[str, list[str]] = {"SubnetIds": [], "SecurityGroupIds": []}
        lambdas.update_function_configuration(FunctionName=name, VpcConfig=nowhere)
    for name in leaving:
        lambdas.get_waiter("function_updated_v2").wait(FunctionName=name)
    return leaving


def await_removal(
    ec2: Any,
    security_group: str,
    report: Report,
    pause: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Wait until a security group has no interfaces; raise InterfacesRemainError after 45 minutes.

    `report` is called with each new number of interfaces.
    """
    end, before = clock() + LONGEST_WAIT_SECONDS, 0
    while remaining := _interfaces(ec2, security_group):
        if clock() > end:
            raise InterfacesRemainError(_stuck(security_group, remaining))
        if len(remaining) != before:
            before = len(remaining)
            report(
                f"network: Lambda still has to remove {before} of the functions' interfaces; "
                "that takes up to 20 minutes …"
            )
        pause(_PAUSE_SECONDS)


def _subnets(lambdas: Any, function: str) -> list[str]:
    configuration = lambdas.get_function_configuration(FunctionName=function)
    subnets: list[str] = configuration.get("VpcConfig", {}).get("SubnetIds", [])
    return subnets


def _interfaces(ec2: Any, security_group: str) -> list[str]:
    group = [{"Name": "group-id", "Values": [security_group]}]
    pages = ec2.get_paginator("describe_network_interfaces").paginate(Filters=group)
    return [each["NetworkInterfaceId"] for page in pages for each in page["NetworkInterfaces"]]


def _stuck(security_group: str, remaining: list[str]) -> str:
    return (
        f"After {LONGEST_WAIT_SECONDS // 60} minutes, {security_group} still has the interfaces "
        f"{', '.join(remaining)}. Run the same command again to go on waiting. If the functions' "
        "roles are deleted already, Lambda cannot remove them; delete each by hand (aws ec2 "
        "delete-network-interface --network-interface-id …), and then run the same command again."
    )

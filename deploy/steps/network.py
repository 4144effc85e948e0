"""Functions in a network without interface endpoints leave it by IPv6, which Chalice cannot say."""

from collections.abc import Iterable
from typing import Any

from deploy.steps import Changes


def enable_ipv6(lambdas: Any, functions: Iterable[str], wanted: bool) -> Changes:
    """Let functions that stand in the network use IPv6, or not; return when they are ready."""
    changes = []
    for function in functions:
        network = lambdas.get_function_configuration(FunctionName=function).get("VpcConfig", {})
        if bool(network.get("Ipv6AllowedForDualStack")) != wanted and network.get("SubnetIds"):
            lambdas.update_function_configuration(
                FunctionName=function,
                VpcConfig={
                    "SubnetIds": network["SubnetIds"],
                    "SecurityGroupIds": network["SecurityGroupIds"],
                    "Ipv6AllowedForDualStack": wanted,
                },
            )
            lambdas.get_waiter("function_updated_v2").wait(FunctionName=function)
            changes.append(f"{function}: {'speaks' if wanted else 'no longer speaks'} IPv6")
    return changes

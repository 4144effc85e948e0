"""Behaviour of AWS that the emulator lacks: one class per fact, each with its source.

Tests use them in memory, with a false clock, since AWS takes up to an hour for some of it.
"""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError


@dataclass
class Clock:
    """A clock that moves only when somebody waits."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class LambdaInterfaces:
    """Lambda keeps a function's network interface for 20 minutes, and needs the function's role.

    Lambda developer guide, "Understanding Hyperplane elastic network interfaces": "Lambda requires
    up to 20 minutes to delete the attached Hyperplane ENI"; "If you delete the execution role
    before Lambda deletes the Hyperplane ENI, Lambda won't be able to delete the Hyperplane ENI".
    A client of Lambda and of EC2, as much of both as is needed.
    """

    clock: Clock
    in_network: set[str]
    roles: set[str] = field(default_factory=set)
    left_at: dict[str, float] = field(default_factory=dict)
    changing: set[str] = field(default_factory=set)

    SECONDS = 20 * 60

    def get_function_configuration(self, FunctionName: str) -> dict[str, Any]:  # noqa: N803
        subnets = ["subnet-1"] if FunctionName in self.in_network else []
        return {"VpcConfig": {"SubnetIds": subnets}}

    def update_function_configuration(
        self,
        FunctionName: str,  # noqa: N803
        VpcConfig: dict[str, list[str]],  # noqa: N803
    ) -> None:
        assert FunctionName not in self.changing, "ResourceConflictException"
        assert VpcConfig == {"SubnetIds": [], "SecurityGroupIds": []}
        self.in_network.remove(FunctionName)
        self.left_at[FunctionName] = self.clock()
        self.changing.add(FunctionName)

    def get_waiter(self, name: str) -> "LambdaInterfaces":
        assert name == "function_updated_v2"
        return self

    def wait(self, FunctionName: str) -> None:  # noqa: N803
        self.changing.discard(FunctionName)

    def get_paginator(self, name: str) -> "LambdaInterfaces":
        assert name == "describe_network_interfaces"
        return self

    def paginate(self, Filters: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:  # noqa: N803
        assert Filters == [{"Name": "group-id", "Values": ["sg-1"]}]
        remaining = sorted(self.in_network | set(filter(self._remains, self.left_at)))
        for name in remaining:
            yield {"NetworkInterfaces": [{"NetworkInterfaceId": f"eni-{name}"}]}

    def _remains(self, name: str) -> bool:
        return name not in self.roles or self.clock() < self.left_at[name] + self.SECONDS


@dataclass
class InactiveFunction:
    """Lambda reclaims the network of a function that was idle for 14 days; its next call fails.

    botocore's model of Lambda, ResourceNotReadyException of Invoke: "The function is inactive and
    its VPC connection is no longer available. Wait for the VPC connection to reestablish and try
    again". The failed call begins that; the waiter `function_active_v2` ends when it is done.
    """

    result: dict[str, Any]
    state: str = "Inactive"
    requests: list[Any] = field(default_factory=list)

    def invoke(self, FunctionName: str, Payload: str) -> dict[str, Any]:  # noqa: N803
        if self.state != "Active":
            self.state = "Pending"
            error: Any = {
                "Code": "ResourceNotReadyException",
                "Message": "The function is inactive",
            }
            raise ClientError({"Error": error}, "Invoke")
        self.requests.append(json.loads(Payload))
        return {"Payload": io.BytesIO(json.dumps(self.result).encode())}

    def get_waiter(self, name: str) -> "InactiveFunction":
        assert name == "function_active_v2"
        return self

    def wait(self, FunctionName: str) -> None:  # noqa: N803
        assert self.state == "Pending"  # otherwise nothing would change
        self.state = "Active"

"""The network: who can reach whom, and what leaves it."""

from typing import Any

import pytest
from cfnlint.api import lint_file

from tests.infrastructure.templates import FOLDER, of_type, only_on_aws, template

INTERNET = {"0.0.0.0/0", "::/0"}


@pytest.fixture(scope="module")
def network() -> dict[str, Any]:
    return template("network")


def test_cfn_lint_finds_nothing() -> None:
    assert lint_file(FOLDER / "network.yaml") == []


def test_nothing_can_be_reached_from_outside(network: dict[str, Any]) -> None:
    types = {resource["Type"] for resource in network["Resources"].values()}
    assert not types & {"AWS::EC2::InternetGateway", "AWS::EC2::NatGateway", "AWS::EC2::EIP"}
    for group in of_type(network, "AWS::EC2::SecurityGroup").values():
        for door in group.get("SecurityGroupIngress", []):
            assert door["SourceSecurityGroupId"] == {"Fn::GetAtt": ["FunctionsGroup", "GroupId"]}


def test_stores_open_their_own_port_to_functions_and_call_nobody(network: dict[str, Any]) -> None:
    groups = of_type(network, "AWS::EC2::SecurityGroup")
    ports = {"DatabaseGroup": 5432, "FastMemoryGroup": 6379, "EndpointsGroup": 443}
    for name, port in ports.items():
        (door,) = groups[name]["SecurityGroupIngress"]
        assert (door["FromPort"], door["ToPort"]) == (port, port)
        (way,) = groups[name]["SecurityGroupEgress"]
        assert way["CidrIp"] == "127.0.0.1/32"
    assert "SecurityGroupIngress" not in groups["FunctionsGroup"]


def test_the_stores_routes_lead_nowhere(network: dict[str, Any]) -> None:
    routes = of_type(network, "AWS::EC2::Route").values()
    assert {route["RouteTableId"]["Ref"] for route in routes} == {"FunctionRoutes"}
    gateways = [
        one
        for one in of_type(network, "AWS::EC2::VPCEndpoint").values()
        if one["VpcEndpointType"] == "Gateway"
    ]
    assert len(gateways) == 2
    assert all(gateway["RouteTableIds"] == [{"Ref": "FunctionRoutes"}] for gateway in gateways)


def test_endpoints_carry_nothing_into_another_account(network: dict[str, Any]) -> None:
    for endpoint in of_type(network, "AWS::EC2::VPCEndpoint").values():
        (statement,) = endpoint["PolicyDocument"]["Statement"]
        assert statement["Condition"] == {
            "StringEquals": {"aws:ResourceAccount": {"Ref": "AWS::AccountId"}}
        }


def test_hourly_endpoints_are_paid_for_only_where_there_is_no_other_way(
    network: dict[str, Any],
) -> None:
    interfaces = {
        name: one["Condition"]
        for name, one in network["Resources"].items()
        if one.get("Properties", {}).get("VpcEndpointType") == "Interface"
    }
    assert interfaces == dict.fromkeys(
        ("SqsEndpoint", "KmsEndpoint", "StepFunctionsEndpoint", "EventBridgeEndpoint"),
        "ByEndpoints",
    )


def test_what_the_emulator_cannot_make_is_known(network: dict[str, Any]) -> None:
    assert only_on_aws(network) == {
        "Ipv6Addresses",
        "FunctionsAIpv6",
        "FunctionsBIpv6",
        "Ipv6WayOut",
        "Ipv6Route",
    }

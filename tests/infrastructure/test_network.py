"""The network: which parts can reach which, and what leaves it."""

from typing import Any

import pytest
from cfnlint.api import lint_file

from tests.infrastructure.templates import FOLDER, of_type, only_on_aws, template

INTERNET = {"0.0.0.0/0", "::/0"}


@pytest.fixture(scope="module")
def network() -> dict[str, Any]:
    return template("network")


def test_template_is_valid() -> None:
    assert lint_file(FOLDER / "network.yaml") == []


def test_network_has_no_way_in(network: dict[str, Any]) -> None:
    types = {resource["Type"] for resource in network["Resources"].values()}
    assert not types & {"AWS::EC2::InternetGateway", "AWS::EC2::NatGateway", "AWS::EC2::EIP"}
    for group in of_type(network, "AWS::EC2::SecurityGroup").values():
        for rule in group.get("SecurityGroupIngress", []):
            assert rule["SourceSecurityGroupId"] == {"Fn::GetAtt": ["FunctionsGroup", "GroupId"]}


def test_stores_accept_only_functions(network: dict[str, Any]) -> None:
    groups = of_type(network, "AWS::EC2::SecurityGroup")
    ports = {"DatabaseGroup": 5432, "FastMemoryGroup": 6379, "EndpointsGroup": 443}
    for name, port in ports.items():
        (ingress,) = groups[name]["SecurityGroupIngress"]
        assert (ingress["FromPort"], ingress["ToPort"]) == (port, port)
        (egress,) = groups[name]["SecurityGroupEgress"]
        assert egress["CidrIp"] == "127.0.0.1/32"
    assert "SecurityGroupIngress" not in groups["FunctionsGroup"]


def test_stores_have_no_external_route(network: dict[str, Any]) -> None:
    routes = of_type(network, "AWS::EC2::Route").values()
    assert {route["RouteTableId"]["Ref"] for route in routes} == {"FunctionRoutes"}
    gateways = [
        endpoint
        for endpoint in of_type(network, "AWS::EC2::VPCEndpoint").values()
        if endpoint["VpcEndpointType"] == "Gateway"
    ]
    assert len(gateways) == 2
    assert all(gateway["RouteTableIds"] == [{"Ref": "FunctionRoutes"}] for gateway in gateways)


def test_endpoints_reach_only_this_account(network: dict[str, Any]) -> None:
    for endpoint in of_type(network, "AWS::EC2::VPCEndpoint").values():
        (statement,) = endpoint["PolicyDocument"]["Statement"]
        assert statement["Condition"] == {
            "StringEquals": {"aws:ResourceAccount": {"Ref": "AWS::AccountId"}}
        }


def test_hourly_endpoints_need_their_condition(network: dict[str, Any]) -> None:
    interfaces = {
        name: resource["Condition"]
        for name, resource in network["Resources"].items()
        if resource.get("Properties", {}).get("VpcEndpointType") == "Interface"
    }
    assert interfaces == dict.fromkeys(
        ("SqsEndpoint", "KmsEndpoint", "StepFunctionsEndpoint", "EventBridgeEndpoint"),
        "ByEndpoints",
    )


def test_resources_only_on_aws_are_listed(network: dict[str, Any]) -> None:
    assert only_on_aws(network) == {
        "Ipv6Addresses",
        "FunctionsAIpv6",
        "FunctionsBIpv6",
        "Ipv6WayOut",
        "Ipv6Route",
    }

"""The network: which parts can reach which, and what leaves it."""

from typing import Any

import pytest

from tests.infrastructure.templates import of_type, template

INTERNET = {"0.0.0.0/0", "::/0"}
SUBNET = "AWS::EC2::Subnet"


@pytest.fixture(scope="module")
def network() -> dict[str, Any]:
    return template("network")


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
    endpoints = of_type(network, "AWS::EC2::VPCEndpoint").values()
    gateways = [part for part in endpoints if part["VpcEndpointType"] == "Gateway"]
    assert len(gateways) == 2
    assert all(gateway["RouteTableIds"] == [{"Ref": "FunctionRoutes"}] for gateway in gateways)


def test_endpoints_reach_only_this_account(network: dict[str, Any]) -> None:
    for endpoint in of_type(network, "AWS::EC2::VPCEndpoint").values():
        (statement,) = endpoint["PolicyDocument"]["Statement"]
        own = {"aws:ResourceAccount": {"Ref": "AWS::AccountId"}}
        assert statement["Condition"] == {"StringEquals": own}


def test_hourly_endpoints_need_their_condition(network: dict[str, Any]) -> None:
    endpoints = of_type(network, "AWS::EC2::VPCEndpoint").items()
    hourly = {name for name, part in endpoints if part["VpcEndpointType"] == "Interface"}
    assert hourly == {"SqsEndpoint", "KmsEndpoint", "StepFunctionsEndpoint", "EventBridgeEndpoint"}
    assert {network["Resources"][name]["Condition"] for name in hourly} == {"ByEndpoints"}


def test_zones_can_be_chosen(network: dict[str, Any]) -> None:
    """The account's first two may lack Lambda or the server's type, as one of us-east-1 does."""
    zones = [subnet["AvailabilityZone"]["Fn::If"] for subnet in of_type(network, SUBNET).values()]
    given = [(condition, chosen["Ref"]) for condition, chosen, _ in zones]
    assert given == [("FirstZoneGiven", "FirstZone"), ("SecondZoneGiven", "SecondZone")] * 2
    assert {network["Parameters"][name]["Default"] for _, name in given} == {""}

"""The merge template for the packaged application."""

import json
import subprocess
import sys
from typing import Any

import pytest
from chalice.utils import to_cfn_resource_name

import app
from infrastructure.application import AUTHORIZER, FUNCTIONS, merge_template
from infrastructure.gateway_responses import RESPONSES


@pytest.fixture(scope="module")
def merged() -> dict[str, Any]:
    return merge_template()


def test_command_writes_the_template(merged: dict[str, Any]) -> None:
    written = subprocess.run(
        [sys.executable, "-m", "infrastructure.application"], capture_output=True, check=True
    )
    assert json.loads(written.stdout) == merged


def test_functions_are_those_of_the_application() -> None:
    tasks = [function.name for function in app.app.pure_lambda_functions]
    handlers = [event_source.name for event_source in app.app.event_sources]
    logical = {to_cfn_resource_name(name) for name in tasks + handlers}
    assert logical | {"APIHandler"} == set(FUNCTIONS)


def test_authorizer_is_the_applications() -> None:
    assert app.users.name == AUTHORIZER == "user-pool"


def test_functions_have_chalices_names(merged: dict[str, Any]) -> None:
    functions = {name: merged["Resources"][name]["Properties"] for name in FUNCTIONS}
    assert functions["APIHandler"]["FunctionName"]["Fn::Sub"] == "livro-caixa-${Stage}"
    assert functions["PreToken"]["FunctionName"]["Fn::Sub"] == "livro-caixa-${Stage}-pre_token"


def test_only_the_pool_calls_the_trigger(merged: dict[str, Any]) -> None:
    permission = merged["Resources"]["PreTokenPermission"]["Properties"]
    assert permission["Principal"] == "cognito-idp.amazonaws.com"
    assert permission["SourceArn"] == {"Ref": "UserPoolArn"}


def test_gateway_responses_equal_the_emulators(merged: dict[str, Any]) -> None:
    body = merged["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]
    in_aws = body["x-amazon-apigateway-gateway-responses"]
    names = ("statusCode", "responseParameters", "responseTemplates")
    in_emulator = {
        part["Properties"]["ResponseType"]: {
            name: part["Properties"][name[0].upper() + name[1:]] for name in names
        }
        for part in merged["Resources"].values()
        if part.get("Type") == "AWS::ApiGateway::GatewayResponse"
    }
    assert in_aws == in_emulator
    assert len(in_aws) == len(RESPONSES)


def test_emulators_resources_are_not_in_aws(merged: dict[str, Any]) -> None:
    for name, resource in merged["Resources"].items():
        assert (resource.get("Condition") == "OnEmulator") == name.startswith("GatewayResponse")

"""What a packaged Chalice application needs to stand on the foundation, as a merge template.

`python -m infrastructure.application > merge.json` writes what `chalice package --merge-template`
reads. The template that comes out takes the foundation's outputs as parameters.
"""

import json
import sys
from typing import Any

from infrastructure import functions, gateway_responses
from infrastructure.functions import APPLICATION

# Chalice's logical names, and what the functions' AWS names end in.
FUNCTIONS = {one.logical_name: one.suffix for one in functions.FUNCTIONS}
AUTHORIZER = "user-pool"


def main() -> None:
    """Write the merge template to standard output."""
    json.dump(merge_template(), sys.stdout, indent=2)


def merge_template() -> dict[str, Any]:
    """Return the template that Chalice merges into the one of its own."""
    named = _named_functions()
    named["Projector"]["Properties"]["Events"] = _fed_by_entries("Projector")
    return {
        "Parameters": _parameters(),
        "Conditions": {"OnEmulator": {"Fn::Equals": [{"Ref": "Target"}, "emulator"]}},
        "Resources": {
            **named,
            "PreTokenPermission": _pool_may_call("PreToken"),
            "RestAPI": {"Properties": {"DefinitionBody": _api_definition()}},
            **gateway_responses.as_resources("RestAPI", "OnEmulator"),
        },
    }


def _parameters() -> dict[str, Any]:
    stage = {"Type": "String", "Description": "The foundation's stage."}
    target = {"Type": "String", "AllowedValues": ["aws", "emulator"], "Default": "aws"}
    pool = {"Type": "String", "Description": "The foundation's output UserPoolArn."}
    stream = {"Type": "String", "Description": "The foundation's output EntriesStreamArn."}
    return {"Stage": stage, "Target": target, "UserPoolArn": pool, "EntriesStreamArn": stream}


def _named_functions() -> dict[str, Any]:
    return {
        logical_name: {
            "Properties": {"FunctionName": {"Fn::Sub": f"{APPLICATION}-${{Stage}}{suffix}"}}
        }
        for logical_name, suffix in FUNCTIONS.items()
    }


def _fed_by_entries(function: str) -> dict[str, Any]:
    source = {"Properties": {"Stream": {"Ref": "EntriesStreamArn"}}}
    return {f"{function}DynamodbEventSource": source}


def _pool_may_call(function: str) -> dict[str, Any]:
    return {
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "FunctionName": {"Fn::GetAtt": [function, "Arn"]},
            "Action": "lambda:InvokeFunction",
            "Principal": "cognito-idp.amazonaws.com",
            "SourceArn": {"Ref": "UserPoolArn"},
        },
    }


def _api_definition() -> dict[str, Any]:
    authorizer = {"providerARNs": [{"Ref": "UserPoolArn"}]}
    return {
        "x-amazon-apigateway-gateway-responses": gateway_responses.in_api_definition(),
        "securityDefinitions": {AUTHORIZER: {"x-amazon-apigateway-authorizer": authorizer}},
    }


if __name__ == "__main__":
    main()

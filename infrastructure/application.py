"""The merge template that adapts Chalice's template to the other stacks of a stage.

`python -m infrastructure.application > merge.json` writes the file that `chalice package
--merge-template` reads. The resulting template takes outputs of the foundation as parameters.
"""

import json
import sys
from typing import Any

from infrastructure import functions, gateway_responses
from infrastructure.functions import APPLICATION

# The ends of the functions' names in AWS, by Chalice's logical names.
FUNCTIONS = {function.logical_name: function.suffix for function in functions.FUNCTIONS}
AUTHORIZER = "user-pool"


def main() -> None:
    """Write the merge template to standard output."""
    json.dump(merge_template(), sys.stdout, indent=2)


def merge_template() -> dict[str, Any]:
    """Return the template that Chalice merges into its own."""
    named: dict[str, Any] = {
        logical_name: {
            "Properties": {"FunctionName": {"Fn::Sub": f"{APPLICATION}-${{Stage}}{suffix}"}}
        }
        for logical_name, suffix in FUNCTIONS.items()
    }
    named["Projector"]["Properties"]["Events"] = {
        "ProjectorDynamodbEventSource": {"Properties": {"Stream": {"Ref": "EntriesStreamArn"}}}
    }
    return {
        "Parameters": _parameters(),
        "Conditions": {"OnEmulator": {"Fn::Equals": [{"Ref": "Target"}, "emulator"]}},
        "Resources": {
            **named,
            "PreTokenPermission": _pool_permission("PreToken"),
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


def _pool_permission(function: str) -> dict[str, Any]:
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

"""The template of a stage's log groups, which are created before the functions.

So every group has its retention from the first line on, and a function needs permission only to
write to its own group. `python -m infrastructure.logs` writes the template.
"""

import json
import sys
from typing import Any

from infrastructure.functions import APPLICATION, FUNCTIONS

ACCESS_LOG = "AccessLog"
# The days that CloudWatch Logs accepts (PutRetentionPolicy).
RETENTIONS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827)


def main() -> None:
    """Write the template to standard output."""
    json.dump(template(), sys.stdout, indent=2)


def template() -> dict[str, Any]:
    """Return the template; its output AccessLogArn names the log of the gateway's requests."""
    groups = {
        f"{function.logical_name}Log": _group(
            f"/aws/lambda/{APPLICATION}-${{Stage}}{function.suffix}"
        )
        for function in FUNCTIONS
    }
    groups[ACCESS_LOG] = _group(f"/{APPLICATION}/${{Stage}}/access")
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "Livro Caixa, the logs of one stage: of its functions and its gateway.",
        "Parameters": {
            "Stage": {"Type": "String", "Description": "The foundation's stage."},
            "RetentionInDays": {
                "Type": "Number",
                "Description": "Days until a line is deleted.",
                "AllowedValues": list(RETENTIONS),
                "Default": 30,
            },
        },
        "Resources": groups,
        "Outputs": {"AccessLogArn": {"Value": {"Fn::GetAtt": [ACCESS_LOG, "Arn"]}}},
    }


def _group(name: str) -> dict[str, Any]:
    return {
        "Type": "AWS::Logs::LogGroup",
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Retain",
        "Properties": {
            "LogGroupName": {"Fn::Sub": name},
            "RetentionInDays": {"Ref": "RetentionInDays"},
        },
    }


if __name__ == "__main__":
    main()

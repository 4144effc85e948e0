"""The stack of the state machine, read as CloudFormation reads it."""

import re
from typing import Any

import pytest
from cfnlint.api import lint_file
from cfnlint.decode.cfn_yaml import load

from tests.stepfunctions.definition import DEFINITION, TEMPLATE


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return dict(load(str(TEMPLATE)))


def the(template: dict[str, Any], kind: str) -> dict[str, Any]:
    (only,) = (resource for resource in template["Resources"].values() if resource["Type"] == kind)
    return dict(only["Properties"])


def test_cfn_lint_finds_nothing() -> None:
    assert lint_file(TEMPLATE) == []


def test_every_placeholder_is_filled_and_by_a_parameter(template: dict[str, Any]) -> None:
    filled = the(template, "AWS::StepFunctions::StateMachine")["DefinitionSubstitutions"]
    assert set(re.findall(r"\$\{(\w+)\}", DEFINITION.read_text())) == set(filled)
    assert filled == {name: {"Ref": name} for name in filled}
    assert set(filled) < set(template["Parameters"])


def test_it_may_call_its_functions_and_nothing_else(template: dict[str, Any]) -> None:
    (policy,) = the(template, "AWS::IAM::Role")["Policies"]
    called, *others = policy["PolicyDocument"]["Statement"]
    filled = the(template, "AWS::StepFunctions::StateMachine")["DefinitionSubstitutions"]
    assert called["Action"] == "lambda:InvokeFunction"
    assert called["Resource"] == list(filled.values())
    services = {action.partition(":")[0] for other in others for action in other["Action"]}
    assert services == {"logs", "xray"}


def test_only_this_state_machine_may_take_the_role(template: dict[str, Any]) -> None:
    (trust,) = the(template, "AWS::IAM::Role")["AssumeRolePolicyDocument"]["Statement"]
    machine = the(template, "AWS::StepFunctions::StateMachine")["StateMachineName"]["Fn::Sub"]
    allowed = trust["Condition"]["ArnLike"]["aws:SourceArn"]["Fn::Sub"]
    assert allowed.endswith(f":stateMachine:{machine}")


def test_it_is_traced_and_logged_without_naming_merchants(template: dict[str, Any]) -> None:
    machine = the(template, "AWS::StepFunctions::StateMachine")
    assert machine["StateMachineType"] == "STANDARD"
    assert machine["TracingConfiguration"] == {"Enabled": True}
    logging = machine["LoggingConfiguration"]
    assert (logging["Level"], logging["IncludeExecutionData"]) == ("ALL", False)


def test_a_night_that_fails_or_never_comes_alarms(template: dict[str, Any]) -> None:
    alarms = {
        name: one["Properties"]
        for name, one in template["Resources"].items()
        if one["Type"] == "AWS::CloudWatch::Alarm"
    }
    assert alarms["NightMissing"]["TreatMissingData"] == "breaching"
    metrics = [m["MetricStat"]["Metric"] for m in alarms["NightFailed"]["Metrics"][1:]]
    assert {metric["MetricName"] for metric in metrics} == {
        "ExecutionsFailed",
        "ExecutionsTimedOut",
        "ExecutionsAborted",
    }

"""The CloudFormation stack of the state machine."""

import re
from typing import Any

import pytest

from tests.infrastructure import templates
from tests.infrastructure.templates import lint_findings, of_type, the
from tests.stepfunctions.definition import DEFINITION, TEMPLATE


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return templates.template("../stepfunctions/template")


def test_cfn_lint_finds_nothing() -> None:
    assert lint_findings(TEMPLATE.read_text()) == []


def test_every_placeholder_is_a_parameter(template: dict[str, Any]) -> None:
    filled = the(template, "AWS::StepFunctions::StateMachine")["DefinitionSubstitutions"]
    assert set(re.findall(r"\$\{(\w+)\}", DEFINITION.read_text())) == set(filled)
    assert filled == {name: {"Ref": name} for name in filled}
    assert set(filled) < set(template["Parameters"])


def test_role_may_only_call_its_functions(template: dict[str, Any]) -> None:
    (policy,) = the(template, "AWS::IAM::Role")["Policies"]
    called, *others = policy["PolicyDocument"]["Statement"]
    filled = the(template, "AWS::StepFunctions::StateMachine")["DefinitionSubstitutions"]
    assert called["Action"] == "lambda:InvokeFunction"
    assert called["Resource"] == list(filled.values())
    services = {action.partition(":")[0] for other in others for action in other["Action"]}
    assert services == {"logs", "xray"}


def test_only_this_machine_may_assume_the_role(template: dict[str, Any]) -> None:
    (trust,) = the(template, "AWS::IAM::Role")["AssumeRolePolicyDocument"]["Statement"]
    machine = the(template, "AWS::StepFunctions::StateMachine")["StateMachineName"]["Fn::Sub"]
    allowed = trust["Condition"]["ArnLike"]["aws:SourceArn"]["Fn::Sub"]
    assert allowed.endswith(f":stateMachine:{machine}")


def test_log_does_not_name_merchants(template: dict[str, Any]) -> None:
    machine = the(template, "AWS::StepFunctions::StateMachine")
    assert machine["StateMachineType"] == "STANDARD"
    assert machine["TracingConfiguration"] == {"Enabled": True}
    logging = machine["LoggingConfiguration"]
    assert (logging["Level"], logging["IncludeExecutionData"]) == ("ALL", False)


def test_night_alarms_count_only_the_schedules_runs(template: dict[str, Any]) -> None:
    alarms = of_type(template, "AWS::CloudWatch::Alarm")
    nightly = {name: alarms[name].get("MetricName") for name in ("NightFailed", "NightMissing")}
    assert nightly == {"NightFailed": "NightFailed", "NightMissing": "NightSucceeded"}
    app = (TEMPLATE.parents[1] / "app.py").read_text()
    assert '@app.schedule(Cron(10, "*", "*", "*", "?", "*"), name="nightly")' in app
    periods = {name: alarms[name]["Period"] for name in nightly}  # each has a trigger
    assert periods == {"NightFailed": 3600, "NightMissing": 3600}
    assert alarms["NightMissing"]["EvaluationPeriods"] == 24  # a day
    metrics = [m["MetricStat"]["Metric"] for m in alarms["RequestedRunsFailed"]["Metrics"][1:]]
    kinds = {metric["MetricName"].removeprefix("Executions") for metric in metrics}
    assert kinds == {"Failed", "TimedOut", "Aborted"}

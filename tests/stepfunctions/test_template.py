"""The CloudFormation stack of the state machines."""

import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.infrastructure import templates
from tests.infrastructure.templates import lint_findings, of_type
from tests.stepfunctions.definition import DEFINITION, LOAD, TEMPLATE


class Machine(NamedTuple):
    """A state machine: its name in the template, its definition, and the parameter of its key."""

    name: str
    definition: Path
    key: str

    def of(self, template: dict[str, Any]) -> dict[str, Any]:
        """Return its properties."""
        properties: dict[str, Any] = of_type(template, "AWS::StepFunctions::StateMachine")[
            self.name
        ]
        return properties

    def role(self, template: dict[str, Any]) -> dict[str, Any]:
        """Return its role's properties."""
        name, _ = self.of(template)["RoleArn"]["Fn::GetAtt"]
        properties: dict[str, Any] = of_type(template, "AWS::IAM::Role")[name]
        return properties


MACHINES = (
    Machine("Night", DEFINITION, "DefinitionKey"),
    Machine("ReadModelLoad", LOAD, "LoadDefinitionKey"),
)
every_machine = pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return templates.template("../stepfunctions/template")


def test_cfn_lint_finds_nothing() -> None:
    assert lint_findings(TEMPLATE.read_text()) == []


@every_machine
def test_every_placeholder_is_a_parameter(template: dict[str, Any], machine: Machine) -> None:
    filled = machine.of(template)["DefinitionSubstitutions"]
    assert set(re.findall(r"\$\{(\w+)\}", machine.definition.read_text())) == set(filled)
    assert filled == {name: {"Ref": name} for name in filled}
    assert set(filled) < set(template["Parameters"])
    assert machine.of(template)["DefinitionS3Location"] == {
        "Bucket": {"Ref": "DefinitionBucket"}, "Key": {"Ref": machine.key},
    }  # fmt: skip


@every_machine
def test_role_may_only_call_its_functions(template: dict[str, Any], machine: Machine) -> None:
    (policy,) = machine.role(template)["Policies"]
    called, *others = policy["PolicyDocument"]["Statement"]
    filled = machine.of(template)["DefinitionSubstitutions"]
    assert called["Action"] == "lambda:InvokeFunction"
    assert called["Resource"] == list(filled.values())
    services = {action.partition(":")[0] for other in others for action in other["Action"]}
    assert services == {"logs", "xray"}


@every_machine
def test_only_this_machine_may_assume_the_role(template: dict[str, Any], machine: Machine) -> None:
    (trust,) = machine.role(template)["AssumeRolePolicyDocument"]["Statement"]
    name = machine.of(template)["StateMachineName"]["Fn::Sub"]
    allowed = trust["Condition"]["ArnLike"]["aws:SourceArn"]["Fn::Sub"]
    assert allowed.endswith(f":stateMachine:{name}")


@every_machine
def test_log_does_not_name_merchants(template: dict[str, Any], machine: Machine) -> None:
    deployed = machine.of(template)
    assert deployed["StateMachineType"] == "STANDARD"
    assert deployed["TracingConfiguration"] == {"Enabled": True}
    logging = deployed["LoggingConfiguration"]
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

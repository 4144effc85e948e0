"""What a stage stands on, a stack each, from the bottom up; each gets what those below it told."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from deploy.aws import Aws
from deploy.paths import PROJECT
from deploy.stacks import Stacks
from infrastructure import logs
from infrastructure.functions import APPLICATION, function
from infrastructure.stages import Stage

TEMPLATES = PROJECT / "infrastructure"
ACCOUNT = f"{APPLICATION}-account"
# In bytes, of a template that is handed over itself (CreateStack).
LONGEST_TEMPLATE = 51_200
NIGHT_TEMPLATE = PROJECT / "stepfunctions" / "template.yaml"
NIGHT_DEFINITION = PROJECT / "stepfunctions" / "daily_consolidation.asl.json"
_NIGHT_FUNCTIONS = {
    "AwaitProjectionArn": "await_projection",
    "PlanConsolidationArn": "plan_consolidation",
    "ConsolidateRangeArn": "consolidate_range",
    "SummarizeConsolidationArn": "summarize_consolidation",
}

Outputs = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Layer:
    """One stack of a stage: the end of its name, its template, and its parameters."""

    name: str
    template: Callable[[], str]
    parameters: Callable[[Stage, Outputs], Mapping[str, str]]
    wanted: Callable[[Stage], bool] = lambda _stage: True
    differs_by_target: bool = True


def stack_name(stage: str, layer: str) -> str:
    """Return the name of a stage's stack."""
    return f"{APPLICATION}-{stage}-{layer}"


def stand_up(
    stacks: Stacks, stage: Stage, target: str = "aws", shared: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Make or update all that the application stands on; return what all of it says.

    `target` is "aws", or "emulator" for what that can make; `shared` are the parameters of what
    all stages of the account share.
    """
    outputs = dict(stacks.deploy(ACCOUNT, _file("account")(), shared or {}))
    for layer in LAYERS:
        if layer.wanted(stage):
            given = {"Stage": stage.name, **layer.parameters(stage, outputs)}
            if layer.differs_by_target:
                given["Target"] = target
            name = stack_name(stage.name, layer.name)
            outputs |= stacks.deploy(name, layer.template(), given, stage.protected)
    return outputs


def deploy_observability(stacks: Stacks, aws: Aws, stage: Stage, known: Outputs) -> dict[str, str]:
    """Make or update dashboard and alarms; return what they tell, the alarms' topic among it."""
    template = _file("observability")()
    given = _asked_for(template, stage, known)
    text = handed_over(aws.client("s3"), known["Artifacts"], template)
    return stacks.deploy(stack_name(stage.name, "observability"), text, given, stage.protected)


def deploy_night(stacks: Stacks, aws: Aws, stage: Stage, known: Outputs) -> dict[str, str]:
    """Make or update the state machine, on the functions that are deployed; return its outputs."""
    definition = NIGHT_DEFINITION.read_bytes()
    key = f"{stage.name}/daily_consolidation-{hashlib.sha256(definition).hexdigest()[:16]}.json"
    _keep(aws.client("s3"), known["Artifacts"], key, definition)
    tasks = {name: _arn(aws, stage, task) for name, task in _NIGHT_FUNCTIONS.items()}
    place = {"DefinitionBucket": known["Artifacts"], "DefinitionKey": key}
    template = NIGHT_TEMPLATE.read_text()
    given = _asked_for(template, stage, {**known, **place, **tasks})
    return stacks.deploy(stack_name(stage.name, "night"), template, given, stage.protected)


def handed_over(s3: Any, bucket: str, template: str) -> str:
    """Return a template as CloudFormation takes it: itself, or a URL where it is too long."""
    text = template.encode()
    if len(text) <= LONGEST_TEMPLATE:
        return template
    key = f"templates/{hashlib.sha256(text).hexdigest()[:16]}.yaml"
    _keep(s3, bucket, key, text)
    return f"{s3.meta.endpoint_url}/{bucket}/{key}"


def _asked_for(template: str, stage: Stage, known: Outputs) -> dict[str, str]:
    """Return what a template asks for, by the names under which it is known."""
    result = {
        **stage.size.database,
        **known,
        "Stage": stage.name,
        "AlarmEmail": stage.alarm_email,
        "LogRetentionInDays": str(stage.size.log_days),
    }
    return {name: result[name] for name in parameters_of(template) if name in result}


def _keep(s3: Any, bucket: str, key: str, content: bytes) -> None:
    from botocore.exceptions import ClientError

    try:
        s3.head_object(Bucket=bucket, Key=key)
    except ClientError:
        s3.put_object(Bucket=bucket, Key=key, Body=content)


def parameters_of(template: str) -> list[str]:
    """Return the names of a template's parameters (YAML, indented by two)."""
    section = re.search(r"^Parameters:\n((?:[ #].*\n|\n)+)", template, re.MULTILINE)
    return re.findall(r"^  (\w+):", section.group(1), re.MULTILINE) if section else []


def _arn(aws: Aws, stage: Stage, task: str) -> str:
    name = function(task).aws_name(stage.name)
    return f"arn:{aws.partition}:lambda:{aws.region}:{aws.account_id}:function:{name}"


def _file(name: str) -> Callable[[], str]:
    return (TEMPLATES / f"{name}.yaml").read_text


def _on_off(value: bool) -> str:
    return "on" if value else "off"


LAYERS = (
    Layer(
        "foundation",
        _file("foundation"),
        lambda stage, _: {
            "Protection": _on_off(stage.protected),
            "CallbackUrls": ",".join(stage.callback_urls),
            "SealRetentionMode": stage.seal_retention_mode,
            "SealRetentionDays": str(stage.seal_retention_days),
            "PasswordSignIn": _on_off(stage.password_sign_in),
        },
    ),
    Layer("network", _file("network"), lambda stage, _: stage.size.network),
    Layer(
        "database",
        _file("database"),
        lambda stage, outputs: {
            "Protection": _on_off(stage.protected),
            "Subnets": outputs["StoreSubnets"],
            "SecurityGroup": outputs["DatabaseSecurityGroup"],
            **stage.size.database,
        },
    ),
    Layer(
        "fast-memory",
        _file("fast_memory"),
        lambda stage, outputs: {
            "Subnets": outputs["StoreSubnets"],
            "SecurityGroup": outputs["FastMemorySecurityGroup"],
            **(stage.size.fast_memory or {}),
        },
        wanted=lambda stage: stage.size.fast_memory is not None,
    ),
    Layer(
        "logs",
        lambda: json.dumps(logs.template()),
        lambda stage, _: {"RetentionInDays": str(stage.size.log_days)},
        differs_by_target=False,
    ),
)

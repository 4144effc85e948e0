"""The stacks of a stage, in the order of deployment; each gets the outputs of those before it."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.aws import Aws
from deploy.paths import PROJECT
from deploy.stacks import Stacks
from infrastructure import logs
from infrastructure.functions import APPLICATION, function
from infrastructure.stages import Stage

TEMPLATES = PROJECT / "infrastructure"
ACCOUNT = f"{APPLICATION}-account"
# The longest template in bytes that CreateStack accepts as text.
LONGEST_TEMPLATE = 51_200
PAGES = "base URL"
"""The name of the base URL of the stage's API among the outputs of stacks; no stack has it."""
STATE_MACHINE_TEMPLATE = PROJECT / "stepfunctions" / "template.yaml"
STATE_MACHINES = {
    "DefinitionKey": PROJECT / "stepfunctions" / "daily_consolidation.asl.json",
    "LoadDefinitionKey": PROJECT / "stepfunctions" / "read_model_load.asl.json",
}
"""The state machines' definitions, by the parameter of their key in a bucket."""
_STATE_MACHINE_FUNCTIONS = {
    "AwaitProjectionArn": "await_projection",
    "PlanConsolidationArn": "plan_consolidation",
    "ConsolidateRangeArn": "consolidate_range",
    "SummarizeConsolidationArn": "summarize_consolidation",
    "RebuildArn": "rebuild",
}

Outputs = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Layer:
    """One stack under the application: the end of its name, its template and its parameters."""

    name: str
    template: Callable[[], str]
    parameters: Callable[[Stage, Outputs], Mapping[str, str]]
    wanted: Callable[[Stage], bool] = lambda _stage: True
    differs_by_target: bool = True


def stack_name(stage: str, layer: str) -> str:
    """Return the name of a stage's stack."""
    return f"{APPLICATION}-{stage}-{layer}"


def deploy_layers(
    stacks: Stacks,
    stage: Stage,
    target: str = "aws",
    shared: Mapping[str, str] | None = None,
    base_url: str | None = None,
) -> dict[str, str]:
    """Create or update all stacks under the application; return all of their outputs.

    `target` is "aws", or "emulator" to leave out what an emulator lacks; `shared` are the
    parameters of the stack that all stages of an account share; `base_url` is that of the stage's
    API, or None where it has none yet.
    """
    outputs = dict(stacks.deploy(ACCOUNT, _file("account")(), shared or {}))
    for layer in LAYERS:
        if layer.wanted(stage):
            known = outputs | ({PAGES: base_url} if base_url else {})
            outputs |= _deploy_layer(layer, stacks, stage, target, known)
    return outputs


def allow_sign_in(stacks: Stacks, stage: Stage, target: str, base_url: str) -> None:
    """Let the user pool's sign-in redirect to the pages of the stage's API.

    The API exists only after the stacks under the application, so the first deployment of a stage
    updates one of them.
    """
    _deploy_layer(LAYERS[0], stacks, stage, target, {PAGES: base_url})


def _deploy_layer(
    layer: Layer, stacks: Stacks, stage: Stage, target: str, outputs: Outputs
) -> dict[str, str]:
    parameters = {"Stage": stage.name, **layer.parameters(stage, outputs)}
    if layer.differs_by_target:
        parameters["Target"] = target
    name = stack_name(stage.name, layer.name)
    return stacks.deploy(name, layer.template(), parameters, stage.protected)


def deploy_observability(
    stacks: Stacks, aws: Aws, stage: Stage, outputs: Outputs
) -> dict[str, str]:
    """Create or update dashboard and alarms; return their outputs, such as the alarms' topic."""
    template = _file("observability")()
    parameters = _parameters(template, stage, outputs)
    text = text_or_url(aws.client("s3"), outputs["Artifacts"], template)
    return stacks.deploy(stack_name(stage.name, "observability"), text, parameters, stage.protected)


def deploy_state_machines(
    stacks: Stacks, aws: Aws, stage: Stage, outputs: Outputs
) -> dict[str, str]:
    """Create or update the state machines that call deployed functions; return their outputs."""
    keys = {}
    for parameter, path in STATE_MACHINES.items():
        definition, name = definition_for(path, stage), path.name.removesuffix(".asl.json")
        keys[parameter] = f"{stage.name}/{name}-{hashlib.sha256(definition).hexdigest()[:16]}.json"
        _store(aws.client("s3"), outputs["Artifacts"], keys[parameter], definition)
    tasks = {name: _arn(aws, stage, task) for name, task in _STATE_MACHINE_FUNCTIONS.items()}
    place = {"DefinitionBucket": outputs["Artifacts"], **keys}
    template = STATE_MACHINE_TEMPLATE.read_text()
    parameters = _parameters(template, stage, {**outputs, **place, **tasks})
    return stacks.deploy(stack_name(stage.name, "night"), template, parameters, stage.protected)


def definition_for(path: Path, stage: Stage) -> bytes:
    """Return a state machine's definition, with as many ranges at once as the stage's size has."""
    machine = json.loads(path.read_text())
    if "ConsolidateRanges" in machine["States"]:
        machine["States"]["ConsolidateRanges"]["MaxConcurrency"] = stage.size.ranges_at_once
    return json.dumps(machine, indent=2).encode()


def text_or_url(s3: Any, bucket: str, template: str) -> str:
    """Return a template as Stacks.deploy takes it: its text, or an S3 URL where it is too long."""
    text = template.encode()
    if len(text) <= LONGEST_TEMPLATE:
        return template
    key = f"templates/{hashlib.sha256(text).hexdigest()[:16]}.yaml"
    _store(s3, bucket, key, text)
    return f"{s3.meta.endpoint_url}/{bucket}/{key}"


def _parameters(template: str, stage: Stage, outputs: Outputs) -> dict[str, str]:
    """Return the values of a template's parameters, which have the names of outputs."""
    values = {
        **stage.size.database,
        **outputs,
        "Stage": stage.name,
        "AlarmEmail": stage.alarm_email,
        "LogRetentionInDays": str(stage.size.log_days),
    }
    return {name: values[name] for name in parameters_of(template) if name in values}


def _store(s3: Any, bucket: str, key: str, content: bytes) -> None:
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


def _callback_urls(stage: Stage, base_url: str | None) -> dict[str, str]:
    own = [f"{base_url}/", f"{base_url}/docs"] if base_url else []
    urls = ",".join([*own, *stage.callback_urls])
    return {"CallbackUrls": urls} if urls else {}


LAYERS = (
    Layer(
        "foundation",
        _file("foundation"),
        lambda stage, outputs: {
            "Protection": _on_off(stage.protected),
            **_callback_urls(stage, outputs.get(PAGES)),
            "SealRetentionMode": stage.seal_retention_mode,
            "SealRetentionDays": str(stage.seal_retention_days),
            "PasswordSignIn": _on_off(stage.password_sign_in),
            "MultiFactor": "ON" if stage.multi_factor == "required" else "OPTIONAL",
        },
    ),
    Layer(
        "network",
        _file("network"),
        lambda stage, _: {
            **stage.size.network,
            **dict(zip(("FirstZone", "SecondZone"), stage.zones, strict=False)),
        },
    ),
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
        _file("redis"),
        lambda stage, outputs: {
            "Subnets": outputs["StoreSubnets"],
            "SecurityGroup": outputs["FastMemorySecurityGroup"],
            **(stage.size.redis or {}),
        },
        wanted=lambda stage: stage.size.redis is not None,
    ),
    Layer(
        "logs",
        lambda: json.dumps(logs.template()),
        lambda stage, _: {"RetentionInDays": str(stage.size.log_days)},
        differs_by_target=False,
    ),
)

"""`python -m deploy rehearse`: a visit to an account that reads only, before the first deployment.

AWS checks what a deployment would send (templates, policies, the state machines), and
whether account and region have what the stage needs. Nothing is created or changed.
"""

import json
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from string import Template
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from deploy import layers
from deploy.aws import Aws
from deploy.concurrency import AccountError, planned_reservations
from deploy.interpreters import InterpreterMissingError, find_interpreter
from deploy.paths import PROJECT
from deploy.permissions import error_text
from infrastructure.policies import filled_in, policies
from infrastructure.stage_settings import policy_values, service_hosts
from infrastructure.stages import Stage

Resolve = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one check; `good` is None where the account does not permit the check."""

    name: str
    good: bool | None
    text: str

    def __str__(self) -> str:
        sign = {True: "ok", False: "FAILS", None: "unknown"}[self.good]
        return f"{sign:8}{self.name}: {self.text}"


def rehearse(
    aws: Aws, stage: Stage, resolve: Resolve = socket.getaddrinfo
) -> Iterator[CheckResult]:
    """Return the result of each check of a stage; one without its permissions is unknown."""
    checks: dict[str, Callable[[Aws, Stage], CheckResult]] = {
        "Python": _python,
        "concurrency": _concurrency,
        "templates": _templates,
        "policies": _policies,
        "state machines": _state_machines,
        "database server": _database_server,
        "database settings": _database_settings,
        "certificate": _certificate,
        "zones": _zones,
    }
    if stage.size.redis is not None:
        checks["Redis"] = _redis
    if stage.size.network["WayOut"] == "endpoints":
        checks["endpoints"] = _endpoints
    else:
        checks["IPv6 addresses"] = lambda aws, _stage: _addresses(aws, resolve)
    for name, check in checks.items():
        try:
            yield check(aws, stage)
        except (BotoCoreError, ClientError) as error:
            yield CheckResult(name, None, error_text(error))


def page(aws: Aws, stage: Stage, results: list[CheckResult]) -> str:
    """Return all results as a page of text, without the account's number."""
    failing = sum(result.good is False for result in results)
    unknown = sum(result.good is None for result in results)
    end = f"{failing} of {len(results)} checks fail, {unknown} are unknown; nothing was changed."
    title = f"Rehearsal of stage {stage.name} ({stage.size.name}) in {aws.region}"
    text = "\n".join([title, "", *map(str, results), "", end])
    return text.replace(aws.account_id, "…")  # AWS names it where it denies a call


def _python(_aws: Aws, stage: Stage) -> CheckResult:
    try:
        return CheckResult("Python", True, find_interpreter(stage.python).runtime)
    except InterpreterMissingError as error:
        return CheckResult("Python", False, str(error))


def _concurrency(aws: Aws, stage: Stage) -> CheckResult:
    lines: list[str] = []
    try:
        reserved = sum(planned_reservations(aws, stage, lines.append).values())
    except AccountError as error:
        return CheckResult("concurrency", False, str(error))
    return CheckResult("concurrency", True, " ".join([f"{reserved} calls are reserved.", *lines]))


def _templates(aws: Aws, stage: Stage) -> CheckResult:
    texts = {layer.name: layer.template() for layer in layers.LAYERS if layer.wanted(stage)}
    texts |= {n: (layers.TEMPLATES / f"{n}.yaml").read_text() for n in ("account", "observability")}
    texts["night"] = layers.STATE_MACHINE_TEMPLATE.read_text()
    short = {n: text for n, text in texts.items() if len(text.encode()) <= layers.LONGEST_TEMPLATE}
    refused = []
    for name, text in short.items():
        try:
            aws.client("cloudformation").validate_template(TemplateBody=text)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ValidationError":
                raise
            refused.append(f"{name}: {error.response['Error']['Message']}")
    return CheckResult("templates", not refused, "; ".join(refused) or f"{len(short)} are valid")


def _policies(aws: Aws, stage: Stage) -> CheckResult:
    files = policies(PROJECT / ".chalice")
    errors = []
    for file in files:
        policy = _sample(json.loads(file.read_text()), aws, stage)
        response = aws.client("accessanalyzer").validate_policy(
            policyDocument=json.dumps(policy), policyType="IDENTITY_POLICY"
        )
        for finding in response["findings"]:
            if finding["findingType"] in ("ERROR", "SECURITY_WARNING"):
                errors.append(f"{file.name}: {finding['findingDetails']}")
    return CheckResult("policies", not errors, "; ".join(errors) or f"{len(files)} are valid")


def _state_machines(aws: Aws, stage: Stage) -> CheckResult:
    # CloudFormation fills in the functions' ARNs (DefinitionSubstitutions).
    function = f"arn:{aws.partition}:lambda:{aws.region}:{aws.account_id}:function:one"
    validate = aws.client("stepfunctions").validate_state_machine_definition
    texts = [layers.definition_for(p, stage).decode() for p in layers.STATE_MACHINES.values()]
    filled = [re.sub(r"\$\{\w+Arn\}", function, text) for text in texts]
    results = [validate(definition=text, type="STANDARD") for text in filled]
    errors = [f"{e['code']}: {e['message']}" for each in results for e in each["diagnostics"]]
    valid = all(each["result"] == "OK" for each in results)
    return CheckResult("state machines", valid, "; ".join(errors) or "valid")


def _database_server(aws: Aws, stage: Stage) -> CheckResult:
    kind, wanted = stage.size.database["InstanceClass"], _zones_of(aws, stage)
    pages = aws.client("rds").get_paginator("describe_orderable_db_instance_options")
    options = [
        option
        for each in pages.paginate(Engine="postgres", DBInstanceClass=kind)
        for option in each["OrderableDBInstanceOptions"]
        if option["EngineVersion"].startswith("18.") and option.get("StorageType") == "gp3"
        if option.get("SupportsIAMDatabaseAuthentication") and option.get("Vpc")
    ]
    zones = {zone["Name"] for option in options for zone in option.get("AvailabilityZones", [])}
    versions = sorted({option["EngineVersion"] for option in options})
    good = bool(options) and set(wanted) <= zones
    text = f"{kind} with PostgreSQL {', '.join(versions) or '18: none'} and IAM"
    missing = sorted(set(wanted) - zones)
    return CheckResult("database server", good, f"{text}; not in {missing}" if missing else text)


def _database_settings(aws: Aws, _stage: Stage) -> CheckResult:
    template = (layers.TEMPLATES / "database.yaml").read_text()
    section = template.partition("      Parameters:\n")[2].partition("\n  Database:")[0]
    wanted = re.findall(r"^        ([a-z_.]+):", section, re.MULTILINE)
    pages = aws.client("rds").get_paginator("describe_engine_default_parameters")
    known = {
        parameter["ParameterName"]
        for each in pages.paginate(DBParameterGroupFamily="postgres18")
        for parameter in each["EngineDefaults"]["Parameters"]
        if parameter.get("IsModifiable")
    }
    fixed = sorted(set(wanted) - known)
    text = f"{len(wanted)} can be set" if not fixed else f"these cannot be set: {fixed}"
    return CheckResult("database settings", not fixed, text)


def _certificate(aws: Aws, _stage: Stage) -> CheckResult:
    authority = "rds-ca-ecc384-g1"
    pages = aws.client("rds").get_paginator("describe_certificates").paginate()
    known = [c["CertificateIdentifier"] for each in pages for c in each["Certificates"]]
    return CheckResult("certificate", authority in known, f"the region has {', '.join(known)}")


def _zones(aws: Aws, stage: Stage) -> CheckResult:
    zones = _zones_of(aws, stage)
    available = _available(aws)
    good = len(zones) == 2 and set(zones) <= set(available)
    return CheckResult("zones", good, f"{', '.join(zones)}, of {', '.join(available)}")


def _redis(aws: Aws, _stage: Stage) -> CheckResult:
    rows = aws.client("elasticache").describe_cache_engine_versions(
        Engine="valkey", CacheParameterGroupFamily="valkey8"
    )["CacheEngineVersions"]
    versions = [version["EngineVersion"] for version in rows]
    good = any(version.startswith("8.2") for version in versions)
    return CheckResult("Redis", good, f"Valkey {', '.join(versions)}")


def _endpoints(aws: Aws, stage: Stage) -> CheckResult:
    names = [f"com.amazonaws.{aws.region}.{name}" for name in ("sqs", "kms", "states", "events")]
    rows = aws.client("ec2").describe_vpc_endpoint_services(ServiceNames=names)["ServiceDetails"]
    zones = {each["ServiceName"]: set(each["AvailabilityZones"]) for each in rows}
    wanted = set(_zones_of(aws, stage))
    missing = [name for name in names if not wanted <= zones.get(name, set())]
    text = f"not in these zones: {missing}" if missing else f"{len(names)} services have both zones"
    return CheckResult("endpoints", not missing, text)


def _addresses(aws: Aws, resolve: Resolve) -> CheckResult:
    missing = []
    for host in service_hosts(aws.region):
        try:
            resolve(host, 443, socket.AF_INET6, socket.SOCK_STREAM)
        except OSError:
            missing.append(host)
    text = f"none for {missing}" if missing else "each service without a VPC endpoint has one"
    return CheckResult("IPv6 addresses", not missing, text)


def _available(aws: Aws) -> list[str]:
    kind = [{"Name": "zone-type", "Values": ["availability-zone"]}]
    zones = aws.client("ec2").describe_availability_zones(Filters=kind)["AvailabilityZones"]
    return sorted(zone["ZoneName"] for zone in zones if zone["State"] == "available")


def _zones_of(aws: Aws, stage: Stage) -> list[str]:
    return list(stage.zones) or _available(aws)[:2]


def _sample(policy: Mapping[str, Any], aws: Aws, stage: Stage) -> dict[str, Any]:
    """Return a policy filled in with this account and sample names of resources."""
    names = Template(json.dumps(policy)).get_identifiers()
    samples = {name: _sample_name(name, aws, stage) for name in names}
    return filled_in(dict(policy), policy_values(samples, aws.place(stage.name)))


def _sample_name(name: str, aws: Aws, stage: Stage) -> str:
    own = f"livro-caixa-{stage.name}-one"
    shapes = {
        "TableArn": ("dynamodb", f"table/{own}"),
        "StreamArn": ("dynamodb", f"table/{own}/stream/2026-01-01T00:00:00.000"),
        "QueueArn": ("sqs", own),
        "KeyArn": ("kms", "key/00000000-0000-0000-0000-000000000000"),
        "PoolArn": ("cognito-idp", f"userpool/{aws.region}_aaaaaaaaa"),
    }
    if name.endswith("BucketArn"):
        return f"arn:{aws.partition}:s3:::{own}"
    for end, (service, resource) in shapes.items():
        if name.endswith(end):
            return f"arn:{aws.partition}:{service}:{aws.region}:{aws.account_id}:{resource}"
    return own

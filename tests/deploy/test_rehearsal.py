"""A rehearsal only reads, in requests and responses that AWS's models describe."""

import json
import socket
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator

from deploy import rehearsal
from deploy.aws import Aws
from deploy.rehearsal import CheckResult, page, rehearse
from infrastructure.stages import load

ZONES = ["sa-east-1a", "sa-east-1b", "sa-east-1c"]
READING = ("Describe", "Get", "List", "Validate")
SETTINGS = (
    "rds.force_ssl", "ssl_min_protocol_version", "max_connections", "shared_buffers",
    "idle_session_timeout", "tcp_keepalives_idle", "log_parameter_max_length",
    "log_parameter_max_length_on_error",
)  # fmt: skip
OPTION = {
    "EngineVersion": "18.1", "StorageType": "gp3", "SupportsIAMDatabaseAuthentication": True,
    "Vpc": True, "AvailabilityZones": [{"Name": zone} for zone in ZONES],
}  # fmt: skip
ENDPOINTS = [f"com.amazonaws.sa-east-1.{name}" for name in ("sqs", "kms", "states", "events")]
NO_HEADERS: Any = {}
DENIED = (
    "User: arn:aws:sts::123456789012:assumed-role/deployer/me is not authorized to perform: "
    "access-analyzer:ValidatePolicy on resource: *"
)
STREAM = "arn:aws:dynamodb:sa-east-1:123456789012:table/entries/stream/1"
RESPONSES: dict[str, dict[str, Any]] = {
    "GetAccountSettings": {
        "AccountLimit": {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 1000}
    },
    "GetFunctionConcurrency": {},
    "DescribeTable": {"Table": {"LatestStreamArn": STREAM}},
    "DescribeStream": {"StreamDescription": {"Shards": []}},
    "ValidateTemplate": {},
    "ValidatePolicy": {"findings": []},
    "ValidateStateMachineDefinition": {"result": "OK", "diagnostics": []},
    "DescribeOrderableDBInstanceOptions": {"OrderableDBInstanceOptions": [OPTION]},
    "DescribeEngineDefaultParameters": {
        "EngineDefaults": {
            "Parameters": [{"ParameterName": name, "IsModifiable": True} for name in SETTINGS]
        }
    },
    "DescribeCertificates": {"Certificates": [{"CertificateIdentifier": "rds-ca-ecc384-g1"}]},
    "DescribeAvailabilityZones": {
        "AvailabilityZones": [{"ZoneName": zone, "State": "available"} for zone in ZONES]
    },
    "DescribeCacheEngineVersions": {"CacheEngineVersions": [{"EngineVersion": "8.2.0"}]},
    "DescribeVpcEndpointServices": {
        "ServiceDetails": [{"ServiceName": n, "AvailabilityZones": ZONES} for n in ENDPOINTS]
    },
}  # fmt: skip


class Account:
    """An account whose responses are checked against botocore's models, as its requests are."""

    def __init__(self, **responses: Any) -> None:
        self.operations: list[str] = []
        self._responses = RESPONSES | responses
        session: Any = boto3.Session("nobody", "nothing", region_name="sa-east-1")
        session.events.register("before-call.*.*", self._respond)
        self.aws = Aws(session, "sa-east-1", "123456789012", "aws")

    def _respond(self, model: Any, **_: Any) -> tuple[AWSResponse, dict[str, Any]]:
        self.operations.append(model.name)
        response = self._responses[model.name]
        if isinstance(response, str):
            message = DENIED if response == "AccessDeniedException" else "no"
            return AWSResponse("", 400, NO_HEADERS, None), {
                "Error": {"Code": response, "Message": message}
            }
        report = ParamValidator().validate(response, model.output_shape)
        assert not report.has_errors(), report.generate_report()
        return AWSResponse("", 200, NO_HEADERS, None), json.loads(json.dumps(response))

    def results(self, stage: str, resolve: Callable[..., Any] | None = None) -> list[CheckResult]:
        return list(rehearse(self.aws, load(stage), resolve or (lambda *_: [])))


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stage's Python is installed."""
    monkeypatch.setattr(rehearsal, "find_interpreter", lambda _version: rehearsal_python)


class _Python:
    runtime = "python3.13"


rehearsal_python = _Python()


@pytest.mark.parametrize("stage", ["trial", "production"])
def test_good_account_passes_every_check(stage: str) -> None:
    account = Account()
    results = account.results(stage)
    assert [str(result) for result in results if not result.good] == []
    assert len(results) == {"trial": 10, "production": 11}[stage]
    assert page(account.aws, load(stage), results).endswith(
        f"0 of {len(results)} checks fail, 0 are unknown; nothing was changed."
    )


def test_rehearsal_only_reads() -> None:
    account = Account()
    for stage in ("trial", "production"):
        account.results(stage)
    assert len(set(account.operations)) == len(RESPONSES)
    assert [name for name in account.operations if not name.startswith(READING)] == []


@pytest.mark.parametrize(
    ("stage", "operation", "response", "name", "text"),
    [
        ("production", "GetAccountSettings",
         {"AccountLimit": {"ConcurrentExecutions": 10, "UnreservedConcurrentExecutions": 10}},
         "concurrency", "concurrency is 10"),
        ("trial", "ValidateTemplate", "ValidationError", "templates", "foundation: no"),
        ("trial", "ValidatePolicy",
         {"findings": [{"findingType": "ERROR", "findingDetails": "bad action", "issueCode": "x",
                        "learnMoreLink": "x", "locations": []}]},
         "policies", "policy-api_handler.json: bad action"),
        ("trial", "ValidateStateMachineDefinition",
         {"result": "FAIL",
          "diagnostics": [{"severity": "ERROR", "code": "SCHEMA", "message": "bad state"}]},
         "state machines", "SCHEMA: bad state"),
        ("trial", "DescribeOrderableDBInstanceOptions", {"OrderableDBInstanceOptions": []},
         "database server", "db.t4g.small with PostgreSQL 18: none"),
        ("trial", "DescribeEngineDefaultParameters", {"EngineDefaults": {"Parameters": []}},
         "database settings", "cannot be set"),
        ("trial", "DescribeCertificates", {"Certificates": []}, "certificate", "the region has"),
        ("trial", "DescribeAvailabilityZones",
         {"AvailabilityZones": [{"ZoneName": "sa-east-1a", "State": "available"}]},
         "zones", "sa-east-1a, of sa-east-1a"),
        ("production", "DescribeCacheEngineVersions", {"CacheEngineVersions": []},
         "Redis", "Valkey"),
        ("production", "DescribeVpcEndpointServices", {"ServiceDetails": []},
         "endpoints", "not in these zones"),
    ],
)  # fmt: skip
def test_bad_response_fails_its_check(
    stage: str, operation: str, response: Any, name: str, text: str
) -> None:
    results = Account(**{operation: response}).results(stage)
    (failed,) = [result for result in results if result.name == name]
    assert failed.good is False
    assert text in failed.text
    assert str(failed).startswith("FAILS ")


def test_service_without_ipv6_fails() -> None:
    def resolve(host: str, _port: int, family: int, _kind: int) -> list[Any]:
        assert family == socket.AF_INET6
        if host.startswith("kms."):
            raise socket.gaierror
        return [()]

    (failed,) = [each for each in Account().results("trial", resolve) if not each.good]
    assert failed.text == "none for ['kms.sa-east-1.api.aws']"


def test_check_without_permission_is_unknown() -> None:
    account = Account(ValidatePolicy="AccessDeniedException")
    results = account.results("trial")
    (unknown,) = [result for result in results if result.good is None]
    assert unknown.name == "policies"
    assert "AccessDenied" in unknown.text
    text = page(account.aws, load("trial"), results)
    assert "123456789012" not in text
    assert "The permission access-analyzer:ValidatePolicy is missing. Give the deployer" in text


def test_account_rejects_what_the_models_lack() -> None:
    with pytest.raises(AssertionError, match="Invalid type"):
        Account(ValidateTemplate={"Description": 1}).results("trial")
    with pytest.raises(ClientError):
        Account(ValidateTemplate="Other").aws.client("cloudformation").validate_template()

"""All templates: they are valid, and the emulator leaves out only what it cannot create."""

import pytest

from tests.infrastructure.templates import FOLDER, lint_findings, only_on_aws, template

NAMES = ["account", "database", "foundation", "network", "observability", "redis"]


@pytest.mark.parametrize("name", NAMES)
def test_template_is_valid(name: str) -> None:
    assert lint_findings((FOLDER / f"{name}.yaml").read_text()) == []


@pytest.mark.parametrize("name", [*NAMES, "../stepfunctions/template"])
def test_tests_read_what_cfnlint_reads(name: str) -> None:
    from cfnlint.decode.cfn_yaml import load  # slow, and most workers need it not

    assert template(name) == load(str(FOLDER / f"{name}.yaml"))


SERVER = """
Resources:
  Server:
    Type: AWS::RDS::DBInstance
    DeletionPolicy: Snapshot
    UpdateReplacePolicy: Snapshot
    Properties: {Engine: postgres, DBInstanceClass: db.x2iedn.32xlarge, AllocatedStorage: "20"}
"""


def test_regions_and_information_are_checked() -> None:
    """Some regions lack the type, and what happens to backups is only information."""
    assert {line.partition(" ")[0] for line in lint_findings(SERVER)} == {"I3013", "E3025"}


@pytest.mark.parametrize(
    ("name", "resources"),
    [
        ("database", {"Database"}),
        ("foundation", {"QuarantineOverTlsAlone", "SealsOverTlsAlone", "ImportsOverTlsAlone"}),
        (
            "network",
            {"Ipv6Addresses", "FunctionsAIpv6", "FunctionsBIpv6", "Ipv6WayOut", "Ipv6Route"},
        ),
        ("redis", {"Functions", "Users", "FastMemory"}),
    ],
)
def test_resources_only_on_aws_are_listed(name: str, resources: set[str]) -> None:
    assert only_on_aws(template(name)) == resources

"""All templates: they are valid, and the emulator leaves out only what it cannot create."""

import pytest
from cfnlint.api import lint_file

from tests.infrastructure.templates import FOLDER, only_on_aws, template

NAMES = ["account", "database", "foundation", "network", "observability", "redis"]


@pytest.mark.parametrize("name", NAMES)
def test_template_is_valid(name: str) -> None:
    assert lint_file(FOLDER / f"{name}.yaml") == []


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

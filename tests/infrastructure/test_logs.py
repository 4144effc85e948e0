"""The log groups: one for each function, with a retention."""

import json
import subprocess
import sys

from infrastructure.functions import FUNCTIONS
from infrastructure.logs import template
from tests.infrastructure.templates import lint_findings
from tests.infrastructure.templates import template as written


def test_every_function_has_a_log_with_retention() -> None:
    groups = [resource["Properties"] for resource in template()["Resources"].values()]
    names = {group["LogGroupName"]["Fn::Sub"] for group in groups}
    lambdas = {f"/aws/lambda/{function.aws_name('${Stage}')}" for function in FUNCTIONS}
    assert names == lambdas | {"/livro-caixa/${Stage}/access"}
    assert all(group["RetentionInDays"] == {"Ref": "RetentionInDays"} for group in groups)


def test_command_writes_a_valid_template() -> None:
    completed = subprocess.run(
        [sys.executable, "-m", "infrastructure.logs"], capture_output=True, check=True
    )
    assert json.loads(completed.stdout) == template()
    assert lint_findings(completed.stdout.decode()) == []


def test_shared_resources_are_retained() -> None:
    """But a failed creation leaves nothing behind (CreateStack, RetainExceptOnCreate)."""
    shared = written("account")["Resources"].values()
    assert all(resource["DeletionPolicy"] == "RetainExceptOnCreate" for resource in shared)


def test_existing_gateway_role_is_not_replaced() -> None:
    shared = written("account")["Resources"].items()
    own = {name for name, part in shared if part.get("Condition") == "OwnRole"}
    assert own == {"Gateway", "WriteLogs"}

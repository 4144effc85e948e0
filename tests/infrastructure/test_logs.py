"""The logs: every function's, kept for a while, made by nobody else."""

import json
import subprocess
import sys
from pathlib import Path

from cfnlint.api import lint_file

from infrastructure.functions import FUNCTIONS
from infrastructure.logs import template
from tests.infrastructure.templates import FOLDER
from tests.infrastructure.templates import template as written


def test_every_function_has_a_log_that_forgets() -> None:
    groups = [resource["Properties"] for resource in template()["Resources"].values()]
    names = {group["LogGroupName"]["Fn::Sub"] for group in groups}
    lambdas = {f"/aws/lambda/{function.aws_name('${Stage}')}" for function in FUNCTIONS}
    assert names == lambdas | {"/livro-caixa/${Stage}/access"}
    assert all(group["RetentionInDays"] == {"Ref": "RetentionInDays"} for group in groups)


def test_the_command_writes_a_template_without_fault(tmp_path: Path) -> None:
    completed = subprocess.run(
        [sys.executable, "-m", "infrastructure.logs"], capture_output=True, check=True
    )
    assert json.loads(completed.stdout) == template()
    (tmp_path / "logs.json").write_bytes(completed.stdout)
    assert lint_file(tmp_path / "logs.json") == []


def test_what_stages_share_outlives_each_of_them() -> None:
    assert lint_file(FOLDER / "account.yaml") == []
    shared = written("account")["Resources"].values()
    assert all(one["DeletionPolicy"] == "Retain" for one in shared)


def test_a_role_that_api_gateway_has_is_not_replaced() -> None:
    shared = written("account")["Resources"]
    assert {name for name, one in shared.items() if one.get("Condition") == "OwnRole"} == {
        "Gateway",
        "WriteLogs",
    }

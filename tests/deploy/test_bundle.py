"""The bundle, unpacked and tried in a process that has nothing else."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from deploy.aws_models import used_operations
from deploy.bundle import BytecodeError, compile_folder, compile_module, make_bundle
from deploy.paths import PROJECT, DeployPaths
from tests.deploy.conftest import THIS_MACHINE, Unpacked

TRIAL = """
import importlib.machinery, sys
sys.path[:0] = [sys.argv[1]]
compile_it = importlib.machinery.SourceFileLoader.source_to_code
def compile_elsewhere(self, source, path, **options):
    assert not path.startswith(sys.argv[1]), f"{path} has no bytecode"
    return compile_it(self, source, path, **options)
importlib.machinery.SourceFileLoader.source_to_code = compile_elsewhere
import app
assert not {"botocore", "redis", "pg8000", "pydantic", "xlsxwriter", "pydyf"} & set(sys.modules)
import chalicelib.api.statements
assert not {"xlsxwriter", "pydyf"} & set(sys.modules)
import importlib, json, os, pkgutil
import chalicelib
os.environ["LAMBDA_TASK_ROOT"] = sys.argv[1]  # elsewhere the tracer calls X-Ray at its import
for module in pkgutil.walk_packages(chalicelib.__path__, "chalicelib."):
    importlib.import_module(module.name)
import botocore.session, pg8000.native, pydantic, redis, aws_xray_sdk.core
for service in sys.argv[3:]:
    botocore.session.get_session().create_client(service, region_name="sa-east-1")
for handler in sys.argv[2].split(","):
    module, name = handler.rsplit(".", 1)
    assert callable(getattr(importlib.import_module(module), name)), handler
files = [getattr(module, "__file__", None) or "" for module in sys.modules.values()]
print(json.dumps([path for path in files if "-packages" in path]))
"""


def test_clean_process_imports_every_handler(unpacked: Unpacked) -> None:
    resources = json.loads((unpacked.paths.package / "sam.json").read_text())["Resources"].values()
    functions = [part for part in resources if part["Type"] == "AWS::Serverless::Function"]
    handlers = ",".join(function["Properties"]["Handler"] for function in functions)
    assert len(functions) >= 5
    services = sorted(used_operations(PROJECT / "chalicelib"))
    alone = [sys.executable, "-I", "-S", "-B", "-c", TRIAL, str(unpacked.folder), handlers]
    ran = subprocess.run([*alone, *services], capture_output=True, text=True, check=False, env={})
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == []  # no module is from elsewhere


def test_bytecode_is_never_checked(unpacked: Unpacked) -> None:
    for path in unpacked.folder.rglob("*.pyc"):
        flags = int.from_bytes(path.read_bytes()[4:8], "little")
        assert flags == 0b01, path  # PEP 552: by hash, unchecked


def test_bundle_has_only_the_application(unpacked: Unpacked) -> None:
    top = {path.name for path in unpacked.folder.iterdir()}
    assert {"app.py", "chalicelib", "chalice"} <= top
    elsewhere = {"tests", "infrastructure", "local", "deploy", "moto", "pip", "bin", ".chalice"}
    assert not top & elsewhere
    of_chalice = {path.name for path in (unpacked.folder / "chalice").glob("*.py")}
    assert of_chalice == {"__init__.py", "app.py"}


def test_only_used_service_models_are_shipped(unpacked: Unpacked) -> None:
    models = unpacked.folder / "botocore" / "data"
    shipped = {path.name for path in models.iterdir() if path.is_dir()}
    assert shipped == used_operations(PROJECT / "chalicelib").keys()


def test_bundle_is_small(unpacked: Unpacked) -> None:
    assert unpacked.bundle.size < 12_000_000
    assert unpacked.bundle.unpacked_size < 10 * unpacked.bundle.size


def test_bundle_is_reproducible(unpacked: Unpacked, tmp_path: Path) -> None:
    umask = os.umask(0o077)
    try:
        again = make_bundle(DeployPaths(tmp_path / "elsewhere"), THIS_MACHINE)
    finally:
        os.umask(umask)
    assert again.sha256 == unpacked.bundle.sha256


def test_bill_of_materials_lists_all_libraries(unpacked: Unpacked) -> None:
    bill = json.loads(unpacked.paths.bill_of_materials.read_text())
    listed = {component["purl"].rpartition("/")[2] for component in bill["components"]}
    text = (PROJECT / "requirements.txt").read_text().lower()
    requirements = [Requirement(line) for line in text.splitlines() if "==" in line]
    pinned = {
        f"{requirement.name}{requirement.specifier}".replace("==", "@").replace("_", "-")
        for requirement in requirements
        if requirement.marker is None or requirement.marker.evaluate()
    }
    assert [name.partition("@")[0] for name in listed - pinned] == ["chalice"]
    assert pinned <= listed
    assert bill["metadata"]["component"]["hashes"][0]["content"] == unpacked.bundle.sha256


def test_invalid_code_stops_the_bundle(tmp_path: Path) -> None:
    (tmp_path / "invalid.py").write_text("def broken(:\n")
    with pytest.raises(BytecodeError, match="SyntaxError"):
        compile_folder(tmp_path)
    with pytest.raises(BytecodeError, match="SyntaxError"):
        compile_module(tmp_path / "invalid.py", tmp_path, "invalid.py")

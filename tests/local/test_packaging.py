"""The package that is deployed to the emulator."""

import io
import json
import shutil
import zipfile
from pathlib import Path

import pytest

import app
from chalicelib.api.openapi.document import build
from local.packaging import Package, package
from local.paths import PROJECT
from tests.infrastructure.templates import lint_findings, of_type


@pytest.fixture(scope="module")
def before() -> dict[Path, int | None]:
    """The work tree before anything is packaged."""
    return work_tree()


@pytest.fixture(scope="module")
def packed(before: object, tmp_path_factory: pytest.TempPathFactory) -> Package:
    return package(tmp_path_factory.mktemp("build") / "build", {"STAGE": "laptop"})


def test_same_source_gives_same_code(
    packed: Package, before: dict[Path, int | None], tmp_path: Path
) -> None:
    again = package(tmp_path / "build", {"STAGE": "laptop"})
    assert again.code_name == packed.code_name
    assert work_tree() == before  # packaging leaves nothing there


def work_tree() -> dict[Path, int | None]:
    """The paths that packaging might write, each file with the time of its last change."""
    paths = [*PROJECT.glob("*"), *PROJECT.glob(".chalice/*")]
    return {path: path.stat().st_mtime_ns if path.is_file() else None for path in paths}


def test_package_has_application_without_libraries(packed: Package) -> None:
    names = zipfile.ZipFile(io.BytesIO(packed.code)).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {"app.py", "chalicelib", "chalice"} <= tops
    assert not tops & {"boto3", "botocore", "redis", "local", "tests"}
    assert not [name for name in names if "__pycache__" in name]


def test_package_has_openapi_without_token_verifier(packed: Package) -> None:
    code = zipfile.ZipFile(io.BytesIO(packed.code))
    document = json.loads(code.read("chalicelib/api/openapi.json"))
    assert document == json.loads(json.dumps(build(app.app.routes)))
    assert "chalicelib/identity/token_verification.py" not in code.namelist()


def test_functions_have_variables_and_names(packed: Package) -> None:
    functions = of_type(json.loads(packed.template), "AWS::Serverless::Function").values()
    assert {function["Environment"]["Variables"]["STAGE"] for function in functions} == {"laptop"}
    names = [function["FunctionName"]["Fn::Sub"] for function in functions]
    assert [name for name in names if not name.startswith("livro-caixa-${Stage}")] == []


def test_packaged_template_is_valid(packed: Package) -> None:
    assert lint_findings(packed.template) == []


def test_broken_application_is_an_error(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    (broken / ".chalice").mkdir(parents=True)
    shutil.copytree(PROJECT / "chalicelib", broken / "chalicelib")
    (broken / "app.py").write_text("import nothing_of_that_name\n")
    (broken / ".chalice" / "config.json").write_text((PROJECT / ".chalice/config.json").read_text())
    with pytest.raises(RuntimeError, match="nothing_of_that_name"):
        package(tmp_path / "build", {}, broken)

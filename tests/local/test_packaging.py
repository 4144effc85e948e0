"""The package that is deployed to the emulator."""

import io
import json
import shutil
import zipfile
from importlib.util import cache_from_source
from pathlib import Path

import pytest

import app
from chalicelib.api.openapi.document import build
from deploy.bundle import copy_sources
from local import packaging
from local.packaging import Package, package
from local.paths import PROJECT
from tests.infrastructure.templates import lint_findings, of_type


@pytest.fixture(scope="module")
def before() -> dict[Path, int | None]:
    """The work tree before anything is packaged."""
    return work_tree()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("new")


@pytest.fixture(scope="module")
def packed(before: object, folder: Path) -> Package:
    return new_package(folder)


def new_package(folder: Path, source: Path = PROJECT) -> Package:
    return package(folder / "build", {"STAGE": "laptop"}, source, folder / "packages")


def test_same_source_gives_same_code(
    packed: Package, before: dict[Path, int | None], tmp_path: Path
) -> None:
    again = new_package(tmp_path)
    assert again.code_name == packed.code_name
    assert work_tree() == before  # packaging leaves nothing there


def test_package_is_stored_until_a_source_changes(tmp_path: Path) -> None:
    source = tmp_path / "source"
    copy_sources(source)
    made = new_package(tmp_path, source)
    shutil.rmtree(tmp_path / "build")
    variables = {"STAGE": "other"}
    again = package(tmp_path / "build", variables, source, tmp_path / "packages")
    assert not (tmp_path / "build").exists()
    assert again.code == made.code
    assert stages(again) == {"other"}
    (source / "chalicelib" / "__init__.py").write_text('"""Another."""\n')
    changed = new_package(tmp_path, source)
    assert changed.code_name != made.code_name
    assert len(list((tmp_path / "packages").iterdir())) == 1


def test_changed_merge_makes_a_new_package(
    packed: Package, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copytree(folder / "packages", tmp_path / "packages")
    assert new_package(tmp_path).code == packed.code  # which is stored there
    assert not (tmp_path / "build").exists()
    outputs = {"Outputs": {"Added": {"Value": "here"}}}
    monkeypatch.setattr(packaging, "merge_template", lambda: outputs)
    assert "Added" in json.loads(new_package(tmp_path).template)["Outputs"]


def stages(packed: Package) -> set[str]:
    """Return the values of the functions' STAGE."""
    functions = of_type(json.loads(packed.template), "AWS::Serverless::Function").values()
    return {function["Environment"]["Variables"]["STAGE"] for function in functions}


def work_tree() -> dict[Path, int | None]:
    """The paths that packaging might write, each file with the time of its last change."""
    paths = [*PROJECT.glob("*"), *PROJECT.glob(".chalice/*")]
    return {path: path.stat().st_mtime_ns if path.is_file() else None for path in paths}


def test_package_has_application_without_libraries(packed: Package) -> None:
    names = zipfile.ZipFile(io.BytesIO(packed.code)).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {"app.py", "chalicelib", "chalice"} <= tops
    assert not tops & {"boto3", "botocore", "redis", "local", "tests"}
    # Bytecode for every module, or each new process of a function would compile it.
    bytecode = {name for name in names if name.endswith(".pyc")}
    assert bytecode == {cache_from_source(name) for name in names if name.endswith(".py")}


def test_package_has_openapi_without_token_verifier(packed: Package) -> None:
    code = zipfile.ZipFile(io.BytesIO(packed.code))
    document = json.loads(code.read("chalicelib/api/openapi.json"))
    assert document == json.loads(json.dumps(build(app.app.routes)))
    assert "chalicelib/identity/token_verification.py" not in code.namelist()


def test_functions_have_variables_and_names(packed: Package) -> None:
    assert stages(packed) == {"laptop"}
    functions = of_type(json.loads(packed.template), "AWS::Serverless::Function").values()
    names = [function["FunctionName"]["Fn::Sub"] for function in functions]
    assert [name for name in names if not name.startswith("livro-caixa-${Stage}")] == []


def test_packaged_template_is_valid(packed: Package) -> None:
    assert lint_findings(packed.template) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [("import nothing_of_that_name\n", "nothing_of_that_name"), ("def broken(:\n", "SyntaxError")],
)
def test_broken_application_is_an_error(tmp_path: Path, text: str, message: str) -> None:
    broken = tmp_path / "broken"
    copy_sources(broken)
    (broken / "app.py").write_text(text)
    with pytest.raises(RuntimeError, match=message):
        new_package(tmp_path, broken)

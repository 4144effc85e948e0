"""An error in the log: its type, its causes' types and its lines of code, without its message."""

from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from chalicelib.observability.error_description import describe_error, error_type
from chalicelib.runtime.settings import MissingSettingError, Settings
from tests.fixtures.database import ReadModelDatabase


def test_store_errors_have_their_codes(read_model_database: ReadModelDatabase) -> None:
    error = ClientError({"Error": {"Code": "AccessDenied", "Message": "Maria"}}, "PutItem")
    assert error_type(error) == "botocore.exceptions.ClientError AccessDenied"
    with pytest.raises(Exception, match="Maria") as caught:
        read_model_database.run("SELECT CAST('Maria' AS integer)")
    assert error_type(caught.value) == "pg8000.exceptions.DatabaseError 22P02"


def test_missing_setting_is_named() -> None:
    with pytest.raises(MissingSettingError) as caught:
        _ = Settings({}).entries_table
    named = ["chalicelib.runtime.settings.MissingSettingError ENTRIES_TABLE"]
    assert describe_error(caught.value)["errors"] == named


def test_causes_and_lines_of_code_are_listed() -> None:
    with pytest.raises(RuntimeError) as caught:
        try:
            {"": 0}["Maria"]
        except KeyError as missing:
            raise RuntimeError("Maria") from missing
    description = describe_error(caught.value)
    assert description["errors"] == ["builtins.RuntimeError", "builtins.KeyError"]
    assert any("test_error_description.py:" in line for line in description["at"])
    assert "Maria" not in str(description)


def test_circular_chain_of_causes_ends() -> None:
    first, second = ValueError("a"), ValueError("b")
    first.__cause__, second.__cause__ = second, first
    assert len(describe_error(first)["errors"]) < 10


def test_file_with_wrong_syntax_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("a = 1\ndef broken(:\n")
    try:
        compile(broken.read_text(), str(broken), "exec")
    except SyntaxError as error:
        described = describe_error(error)
    assert described["errors"] == ["builtins.SyntaxError"]
    assert described["at"][-1] == f"{broken}:2"

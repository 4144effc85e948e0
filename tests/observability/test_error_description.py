"""A failure in the log: its kind, its cause's kind and its places, without what it quotes."""

import pytest
from botocore.exceptions import ClientError

from chalicelib.observability.error_description import describe_error, kind
from tests.fixtures.database import ReadModelDatabase


def test_the_codes_of_aws_are_told_and_not_its_message() -> None:
    error = ClientError({"Error": {"Code": "AccessDenied", "Message": "Maria"}}, "PutItem")
    assert kind(error) == "botocore.exceptions.ClientError AccessDenied"


def test_the_codes_of_postgresql_are_told_and_not_the_row(
    read_model_database: ReadModelDatabase,
) -> None:
    with pytest.raises(Exception) as caught:
        read_model_database.run("SELECT CAST('Maria' AS integer)")
    assert "Maria" in str(caught.value)
    assert kind(caught.value) == "pg8000.exceptions.DatabaseError 22P02"


def test_causes_are_told_with_the_places_that_the_error_came_through() -> None:
    with pytest.raises(RuntimeError) as caught:
        _fail()
    result = describe_error(caught.value)
    assert result["errors"] == ["builtins.RuntimeError", "builtins.KeyError"]
    assert any("test_error_description.py:" in place for place in result["at"])
    assert "Maria" not in str(result)


def test_a_chain_that_bites_its_tail_comes_to_an_end() -> None:
    first, second = ValueError("a"), ValueError("b")
    first.__cause__, second.__cause__ = second, first
    assert len(describe_error(first)["errors"]) < 10


def _fail() -> None:
    try:
        {"": 0}["Maria"]
    except KeyError as missing:
        raise RuntimeError("Maria") from missing

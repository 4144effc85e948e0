"""Every list of an entry's columns is that of the table, in the order in which it is read."""

import re

import pytest

from chalicelib.closing import day_state, sql
from chalicelib.projection.writer import columns, statement
from tests.fixtures.database import ReadModelDatabase

CORRECTION = ["correction", "corrected_category"]
"""The columns that the projection writes apart from the others."""
AFTER_THE_ENTRY = [
    *("content_digest", "occurred_instant", "description", "search_text", "metadata"),
    *CORRECTION,
]


@pytest.fixture
def incoming(read_model_database: ReadModelDatabase) -> list[str]:
    """The columns of a row that the projection inserts, in order."""
    listed = read_model_database.run(
        "SELECT attname FROM pg_attribute WHERE attrelid = 'incoming_entry'::regclass"
        " AND attnum > 0 ORDER BY attnum"
    )
    return [name for (name,) in listed]


def names(text: str, pattern: str) -> list[list[str]]:
    """Return the names in each match of a pattern, without the table before them."""
    lists = re.findall(pattern, text, re.DOTALL)
    return [[name.strip().rpartition(".")[2] for name in each.split(",")] for each in lists]


def test_the_table_has_these_columns(
    incoming: list[str], read_model_database: ReadModelDatabase
) -> None:
    listed = read_model_database.run(
        "SELECT attname FROM pg_attribute WHERE attrelid = 'entries'::regclass"
        " AND attnum > 0 AND NOT attisdropped"
    )
    assert {name for (name,) in listed} == {*incoming, *CORRECTION}


@pytest.mark.parametrize("file", ["add", "load", "replace"])
def test_inserts_name_incoming_columns_in_order(incoming: list[str], file: str) -> None:
    text = statement(f"{file}_entries.sql")
    assert names(text, r"INSERT INTO entries \((.*?)\)\s+SELECT \* FROM incoming") == [incoming]


@pytest.mark.parametrize("file", ["add", "compare", "load", "replace"])
def test_arrays_are_passed_in_order(file: str, read_model_database: ReadModelDatabase) -> None:
    ((arguments,),) = read_model_database.run(
        "SELECT proargnames FROM pg_proc WHERE proname = 'incoming_entries'"
    )
    passed = names(statement(f"{file}_entries.sql"), r"FROM incoming_entries\((.*?)\)")
    assert passed == [[f":{name}" for name in arguments]]
    assert list(columns([])) == arguments


def test_comparisons_cover_every_column(incoming: list[str]) -> None:
    compared = names(statement("compare_entries.sql"), r"\(\s+((?:held|incoming)\.[^()]*?)\s+\)")
    assert compared == [incoming[1:], incoming[1:]]
    (digested,) = names(statement("differing_digests.sql"), r"ROW\((.*?)\)")
    assert sorted(digested) == sorted(incoming[1:])


def test_closings_read_every_column(incoming: list[str]) -> None:
    (read,) = names(sql.ROWS, r"json_build_array\((.*?)\)")
    assert read == [*day_state._COLUMNS, *AFTER_THE_ENTRY]
    assert sorted(read) == sorted([*incoming, *CORRECTION])

"""Records of CSV files: quotation marks around cells, within them, and left open."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.bank_files.csv_records import records


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a;"b;c";d', [(1, ["a", "b;c", "d"])]),
        ('a;"b\nc";d\n\n;;\ne;f', [(1, ["a", "b\nc", "d"]), (5, ["e", "f"])]),
        ('a;Pix: "Cp :1-X";d', [(1, ["a", 'Pix: "Cp :1-X"', "d"])]),
        ('a;"Loja "Bom" Preço";d', [(1, ["a", 'Loja "Bom" Preço', "d"])]),
        ('a;"Pix: "Cp :1-X"";"d"', [(1, ["a", 'Pix: "Cp :1-X"', "d"])]),
        ('a;"b" ;"c ""d""" ;e', [(1, ["a", "b", 'c "d"', "e"])]),
        ('"a"b;"c;"d;e', [(1, ['"a"b', '"c;"d', "e"])]),
        ('a;"b\nc;"d\ne;f', [(1, ["a", '"b']), (2, ["c", '"d']), (3, ["e", "f"])]),
        ('a;"' + "\nb;c" * 25, [(1, ["a", '"']), *[(line, ["b", "c"]) for line in range(2, 27)]]),
        ('a;"' + "x" * 200_000 + '"', [(1, ["a", '"' + "x" * 200_000 + '"'])]),
    ],
    ids=[
        "cells",
        "line breaks",
        "text",
        "inside",
        "at the end",
        "spaces",
        "text behind",
        "open",
        "open to the end",
        "long",
    ],
)
def test_quotation_marks_lose_no_line(text: str, expected: list[tuple[int, list[str]]]) -> None:
    assert [tuple(record) for record in records(text.split("\n"), ";")] == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (['1;"C', '3";-9;x'], [["1", '"C'], ['3"', "-9", "x"]]),
        (['1;"C; 3', 'B";-9'], [["1", "C; 3\nB", "-9"]]),
        (['1;"C 3;-9', '2;T 5";-5'], [["1", '"C 3', "-9"], ["2", 'T 5"', "-5"]]),
        (
            ['1;"C 3;-9', "2;b;c", '3;T 5";-5'],
            [["1", '"C 3', "-9"], ["2", "b", "c"], ["3", 'T 5"', "-5"]],
        ),
        (['1;-9;"C 3', '2;-5;T 5"'], [["1", "-9", '"C 3'], ["2", "-5", 'T 5"']]),
        (['"C 3;1;-9', 'T 5";2;-5'], [['"C 3', "1", "-9"], ['T 5"', "2", "-5"]]),
        (['1;"C', '3";-9'], [["1", "C\n3", "-9"]]),
        (['1;"C', "", "a;b", '3";-9;'], [["1", "C\n\na;b\n3", "-9", ""]]),
        (
            ['1;"C;', '3";-9;', '2;"D 4;-8;', '5;E";-7;'],
            [["1", "C;\n3", "-9", ""], ["2", '"D 4', "-8", ""], ["5", 'E"', "-7", ""]],
        ),
        (['1;-9;"C', '3"'], [["1", "-9", "C\n3"]]),
        (['"C', '3";1;-9'], [["C\n3", "1", "-9"]]),
        (['"1;0";"2;0";"C 3', 'x;y;z"'], [["1;0", "2;0", '"C 3'], ["x", "y", 'z"']]),
    ],
    ids=[
        *(
            "too many columns",
            "delimiter",
            "inches",
            "three rows",
            "inches at the end",
            "inches at the start",
        ),
        *("middle", "several", "delimiter behind", "end", "start", "cells before"),
    ],
)
def test_lines_are_joined_only_for_all_columns(lines: list[str], expected: list[list[str]]) -> None:
    assert [record.cells for record in records(lines, ";", width=3)] == expected


@given(st.lists(st.text('ab;"\n ', max_size=12), max_size=30), st.none() | st.integers(1, 4))
def test_every_line_that_is_not_blank_is_read(lines: list[str], width: int | None) -> None:
    text = "\n".join(lines)
    read = "".join(
        cell for record in records(text.split("\n"), ";", 0, width) for cell in record.cells
    )
    assert read.count("a") + read.count("b") == text.count("a") + text.count("b")

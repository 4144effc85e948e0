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
        ('a;"Loja "Bom" Preço";d', [(1, ["a", 'Loja Bom" Preço"', "d"])]),
        ('a;"b\nc;"d\ne;f', [(1, ["a", '"b']), (2, ["c", '"d']), (3, ["e", "f"])]),
        ('a;"' + "\nb;c" * 25, [(1, ["a", '"']), *[(line, ["b", "c"]) for line in range(2, 27)]]),
        ('a;"' + "x" * 200_000 + '"', [(1, ["a", '"' + "x" * 200_000 + '"'])]),
    ],
    ids=["cells", "line breaks", "text", "inside", "open", "open to the end", "long"],
)
def test_quotation_marks_lose_no_line(text: str, expected: list[tuple[int, list[str]]]) -> None:
    assert [tuple(record) for record in records(text.split("\n"), ";")] == expected


@given(st.lists(st.text('ab;"\n ', max_size=12), max_size=30))
def test_every_line_that_is_not_blank_is_read(lines: list[str]) -> None:
    text = "\n".join(lines)
    read = "".join(cell for record in records(text.split("\n"), ";") for cell in record.cells)
    assert read.count("a") + read.count("b") == text.count("a") + text.count("b")

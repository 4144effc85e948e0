"""The records of a CSV file: tolerant of quotation marks that are text, and of those left open."""

import csv
from collections.abc import Iterator, Sequence
from typing import NamedTuple

DELIMITERS = (";", ",", "\t", "|")
_LINES_OF_A_RECORD = 20


class Record(NamedTuple):
    """The cells of one record, as written, and the line at which it begins, from 1."""

    line: int
    cells: list[str]


def records(lines: Sequence[str], delimiter: str, lines_before: int = 0) -> Iterator[Record]:
    """Yield the records that are not blank, below the first `lines_before` lines.

    A cell in quotation marks may contain the delimiter and line breaks. One that is still open
    after 20 lines is not one: its line is read without quotation marks, so that it takes no other
    line with it.
    """
    index = lines_before
    while index < len(lines):
        cells, count = _next_record(lines, index, delimiter)
        if any(cell and not cell.isspace() for cell in cells):
            yield Record(index + 1, cells)
        index += count


def split_line(line: str, delimiter: str) -> list[str]:
    """Return the cells of a single line."""
    return _next_record([line], 0, delimiter)[0]


def _next_record(lines: Sequence[str], index: int, delimiter: str) -> tuple[list[str], int]:
    line = lines[index]
    if '"' in line:
        strictly = _quoted(lines[index : index + _LINES_OF_A_RECORD], delimiter, strict=True)
        if strictly is not None:
            return strictly
        # Such as `"Loja "Bom" Preço";10`: no other line may become a part of it.
        tolerantly = _quoted([line], delimiter, strict=False)
        if tolerantly is not None:
            return tolerantly
    return line.split(delimiter), 1


def _quoted(lines: Sequence[str], delimiter: str, *, strict: bool) -> tuple[list[str], int] | None:
    """Return the first record and how many lines it has, or None if a cell remains open."""
    is_open = False

    def window() -> Iterator[str]:
        nonlocal is_open
        for part in lines:
            yield f"{part}\n"
        is_open = True

    reader = csv.reader(window(), delimiter=delimiter, strict=strict)
    try:
        cells = next(reader)
    except csv.Error:  # not quoted as it should be, or longer than the reader's limit
        return None
    return None if is_open else (cells, reader.line_num)

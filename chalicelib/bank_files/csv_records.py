"""The records of a CSV file: tolerant of quotation marks that are text, and of those left open."""

import csv
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

DELIMITERS = (";", ",", "\t", "|")
_LINES_OF_A_RECORD = 20
_LONGEST_ROW = 10_000
_QUOTED = re.compile(r'"[^"]*(?:""[^"]*)*"')


class Record(NamedTuple):
    """The cells of one record, as written, and the line at which it begins, from 1."""

    line: int
    cells: list[str]


def records(
    lines: Sequence[str], delimiter: str, lines_before: int = 0, width: int | None = None
) -> Iterator[Record]:
    """Yield the records that are not blank, below the first `lines_before` lines.

    A cell in quotation marks may contain the delimiter and line breaks. One that is still open
    after 20 lines is not one: its line is read without quotation marks, so that it takes no other
    line with it. Nor is one whose lines are a record each, if `width`, the number of
    columns, is given: two texts may have an inch mark each.
    """
    index = lines_before
    while index < len(lines):
        cells, count = _next_record(lines, index, delimiter, width)
        if any(cell and not cell.isspace() for cell in cells):
            yield Record(index + 1, cells)
        index += count


def split_line(line: str, delimiter: str) -> list[str]:
    """Return the cells of a single line.

    Marks within a cell are text, as in `"Loja "Bom" Preço";10`; so is one that remains open.
    """
    if '"' not in line:
        return line.split(delimiter)
    strictly = _quoted([line], delimiter)
    if strictly is not None:
        return strictly[0]
    is_row = len(line) <= _LONGEST_ROW
    return _cells_with_marks(line, delimiter) if is_row else line.split(delimiter)


def _cells_with_marks(line: str, delimiter: str) -> list[str]:
    cells: list[str] = []
    start = 0
    while start <= len(line):
        quoted = _QUOTED.match(line, start) if line.startswith('"', start) else None
        if quoted is None and line.startswith('"', start):
            return [*cells, *line[start:].split(delimiter)]  # it remains open
        end = line.find(delimiter, quoted.end() if quoted else start)
        end = len(line) if end < 0 else end
        cell = line[start:end].strip() if quoted else line[start:end]
        if quoted and quoted[0] == cell:
            cell = cell[1:-1].replace('""', '"')
        elif quoted and cell.endswith('"'):
            cell = cell[1:-1]
        cells.append(cell)
        start = end + 1
    return cells


def _next_record(
    lines: Sequence[str], index: int, delimiter: str, width: int | None
) -> tuple[list[str], int]:
    if '"' in lines[index]:
        window = lines[index : index + _LINES_OF_A_RECORD]
        joined = _quoted(window, delimiter)
        if joined is not None:
            cells, count = joined
            if (
                count == 1
                or width is None
                or _belong_together(window[:count], cells, width, delimiter)
            ):
                return joined
    return split_line(lines[index], delimiter), 1


def _belong_together(lines: Sequence[str], cells: list[str], width: int, delimiter: str) -> bool:
    """Return whether lines are one record, whose cells together fill all columns.

    They are if no line after the first fills them alone. The last line may seem to, if it is the
    record's first cell that has the line breaks; then the first line must not fill them.
    """
    if len(cells) < width or any(map(str.strip, cells[width:])):
        return False
    first, *others = (len(split_line(line, delimiter)) >= len(cells) for line in lines)
    opens_first = lines[0].startswith('"') and len(_cells_until_open(lines[0], delimiter)) == 1
    return not any(others) or (opens_first and not first)


def _cells_until_open(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter))


def _quoted(lines: Sequence[str], delimiter: str) -> tuple[list[str], int] | None:
    """Return the first record and how many lines it has, or None if a cell remains open."""
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=delimiter, strict=True)
    try:
        return next(reader), reader.line_num
    except csv.Error:  # open at the end, not quoted as it should be, or longer than its limit
        return None

"""Find the header of a CSV file, its delimiter, and whose layout it is."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from chalicelib.bank_files.csv_layout import Header, Layout, matches
from chalicelib.bank_files.csv_records import DELIMITERS, records, split_line
from chalicelib.bank_files.text import collapse, fold, quoted

_LINES_SEARCHED = 80
_LONGEST_HEADER = 2_000
_COLUMNS_SHOWN = 30
_AGENCY = re.compile(r"\bag(?:encia|\.)? *[:;,]+ *([0-9][0-9x.-]{0,19})")
_ACCOUNT = re.compile(r"\bconta(?: corrente)? *[:;,]+ *([0-9][0-9x.-]{0,29})")


def find_header(lines: Sequence[str], layouts: Sequence[Layout]) -> Header | None:
    """Return the first header that a layout recognizes; the layouts are tried in their order."""
    for index, delimiter, cells in _candidates(lines):
        columns = tuple(fold(cell) for cell in cells)
        for layout in layouts:
            if matches(layout, columns):
                return Header(index + 1, delimiter, columns, layout)
    return None


def headerless(lines: Sequence[str], layouts: Iterable[Layout]) -> Header | None:
    """Return a header for a file whose first lines have exactly the columns of such a layout."""
    first = [line for line in lines[:_LINES_SEARCHED] if line.strip()][:3]
    for layout in layouts:
        for delimiter in DELIMITERS if layout.headerless and first else ():
            if all(len(split_line(line, delimiter)) == len(layout.header) for line in first):
                return Header(0, delimiter, tuple(map(fold, layout.header)), layout)
    return None


def guess_columns(lines: Sequence[str]) -> list[str] | None:
    """Return what seem to be the columns of an unknown CSV file, or None if it is no table."""
    best: list[str] = []
    for delimiter in DELIMITERS:
        rows = [record.cells for record in records(lines[:_LINES_SEARCHED], delimiter)]
        width, count = Counter(map(len, rows)).most_common(1)[0] if rows else (0, 0)
        if width > max(1, len(best)) and count > 1:
            best = next(cells for cells in rows if len(cells) == width)
    if not best or any(not cell.isprintable() for cell in map(collapse, best)):
        return None
    return [quoted(cell) for cell in best[:_COLUMNS_SHOWN]]


def account_number(lines: Sequence[str]) -> str | None:
    """Return agency and account of the lines above a header, as "999/12345-6", or None."""
    text = "\n".join(fold(line[:_LONGEST_HEADER].replace('"', "")) for line in lines)
    account, agency = _ACCOUNT.search(text), _AGENCY.search(text)
    if account is None:
        return None
    return f"{agency[1]}/{account[1]}" if agency else account[1]


def summary_cells(lines: Sequence[str], header: Header, names: Sequence[str]) -> list[str] | None:
    """Return the cells below these columns of a table above the header, or None."""
    rows = [each.cells for each in records(lines[: header.lines_before - 1], header.delimiter)]
    for columns, values in pairwise(rows):
        folded = [fold(cell) for cell in columns]
        positions = [folded.index(fold(name)) for name in names if fold(name) in folded]
        if len(positions) == len(names) and len(values) > max(positions):
            return [values[position] for position in positions]
    return None


def _candidates(lines: Sequence[str]) -> Iterator[tuple[int, str, list[str]]]:
    for index, line in enumerate(lines[:_LINES_SEARCHED]):
        if len(line) <= _LONGEST_HEADER:
            for delimiter in DELIMITERS:
                if delimiter in line:
                    yield index, delimiter, split_line(line, delimiter)

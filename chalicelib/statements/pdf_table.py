"""A table in a PDF: its heading is repeated on each page, and long texts wrap."""

from collections.abc import Sequence
from typing import NamedTuple

from chalicelib.statements.pdf_document import BLACK, GREY, MARGIN, RIGHT, Colour, Document
from chalicelib.statements.pdf_text import BOLD, FIXED, REGULAR, size_that_fits, wrap

SIZE = 8.0
LINE_HEIGHT = 10.0
_ROW_GAP = 3.0
_COLUMN_GAP = 8.0
_DETAIL_SIZE = 6.0
_BAND = (0.95, 0.96, 0.97)


class Column(NamedTuple):
    """A column: its title, its width in points, and whether it is aligned to the right."""

    title: str
    width: float
    right: bool = False


class Table:
    """Writes rows into a document, on as many pages as they need."""

    def __init__(self, document: Document, columns: Sequence[Column]) -> None:
        self._document = document
        self._columns = columns
        self._page = 0

    def row(
        self,
        cells: Sequence[str],
        font: str = REGULAR,
        colour: Colour = BLACK,
        detail: Sequence[str] = (),
        band: bool = False,
    ) -> None:
        """Write a row; `detail` are lines in a small fixed font under it, `band` shades it."""
        document = self._document
        lines = [
            [cell] if column.right else list(wrap(cell, font, SIZE, column.width - _COLUMN_GAP))
            for cell, column in zip(cells, self._columns, strict=True)
        ]
        high = max(map(len, lines)) * LINE_HEIGHT + len(detail) * (_DETAIL_SIZE + 1) + _ROW_GAP
        high += _ROW_GAP if detail else 0
        self._require(high)
        top = document.y
        if band:
            document.rectangle(MARGIN, top, RIGHT - MARGIN, high, _BAND)
        x = MARGIN
        for column, texts in zip(self._columns, lines, strict=True):
            for number, text in enumerate(texts):
                baseline = top + SIZE + 1 + number * LINE_HEIGHT
                self._write(column, x, baseline, text, font, colour)
            x += column.width
        below = top + max(map(len, lines)) * LINE_HEIGHT + _DETAIL_SIZE + 2
        for number, text in enumerate(detail):
            baseline = below + number * (_DETAIL_SIZE + 1)
            document.text(MARGIN + 4, baseline, text, _DETAIL_SIZE, FIXED, GREY)
        document.y = top + high

    def _write(
        self, column: Column, x: float, baseline: float, text: str, font: str, colour: Colour
    ) -> None:
        if column.right:
            size = size_that_fits(text, font, SIZE, column.width - _COLUMN_GAP)
            right = x + column.width - 2
            self._document.text(right, baseline, text, size, font, colour, align="right")
        else:
            self._document.text(x + 2, baseline, text, SIZE, font, colour)

    def _require(self, height: float) -> None:
        """Begin a page if this one has no room, and write the heading where it is not yet."""
        document = self._document
        heading = LINE_HEIGHT + 2 * _ROW_GAP
        if document.is_full(height + (0 if self._page == document.page_count else heading)):
            document.add_page()
        if self._page != document.page_count:
            self._page = document.page_count
            x, baseline = MARGIN, document.y + SIZE + 1
            for column in self._columns:
                self._write(column, x, baseline, column.title, BOLD, GREY)
                x += column.width
            document.rule(document.y + LINE_HEIGHT + _ROW_GAP)
            document.y += heading

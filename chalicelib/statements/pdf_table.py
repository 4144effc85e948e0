"""A table in a PDF: its heading is repeated on each page, and long texts wrap."""

from collections.abc import Sequence
from typing import NamedTuple

import pydyf

from chalicelib.statements.pdf_document import BLACK, GREY, MARGIN, RIGHT, Colour, Document
from chalicelib.statements.pdf_structure import ARTIFACT
from chalicelib.statements.pdf_text import BOLD, FIXED, REGULAR, size_that_fits, wrap
from chalicelib.statements.transliteration import printable

SIZE = 8.0
LINE_HEIGHT = 10.0
_ROW_GAP = 3.0
_COLUMN_GAP = 8.0
_DETAIL_SIZE = 6.0
_INDENT = 2.0
_BAND = (0.95, 0.96, 0.97)
# Every text of 200 letters that the font has is printed whole. Only letters written by their sound
# and brackets for other scripts can need more; then the cell ends in "…". So 20,000 rows take a
# limited time, and none is taller than a page.
_LONGEST_TEXT = 240
_OF_ITS_COLUMN = pydyf.Dictionary({"O": "/Table", "Scope": "/Column"})


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
        self._element = document.begin("Table")
        document.end()

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
            [cell]
            if column.right
            else wrap(_shortened(cell, document.language), font, SIZE, _room(column))
            for cell, column in zip(cells, self._columns, strict=True)
        ]
        below = max(map(len, lines)) * LINE_HEIGHT
        high = below + len(detail) * (_DETAIL_SIZE + 1) + _ROW_GAP
        document.resume(self._element)
        self._require(high)
        document.begin("TR")
        top = document.y
        if band:
            document.rectangle(MARGIN, top, RIGHT - MARGIN, high, _BAND)
        x = MARGIN
        for column, texts in zip(self._columns, lines, strict=True):
            document.begin("TD")
            self._write(column, x, top + SIZE + 1, texts, font, colour)
            x += column.width
            if column is self._columns[-1]:
                self._write_detail(detail, top + below)
            document.end()
        document.end()
        document.end()
        document.y = top + high

    def _write_detail(self, detail: Sequence[str], top: float) -> None:
        for number, text in enumerate(detail):
            baseline = top + _DETAIL_SIZE + number * (_DETAIL_SIZE + 1)
            size = size_that_fits(text, FIXED, _DETAIL_SIZE, RIGHT - MARGIN - _INDENT)
            self._document.text(MARGIN + _INDENT, baseline, text, size, FIXED, GREY)

    def _write(
        self,
        column: Column,
        x: float,
        baseline: float,
        texts: Sequence[str],
        font: str,
        colour: Colour,
    ) -> None:
        if column.right:
            right, room = x + column.width - 2, _room(column)
            self._document.right(right, baseline, texts[0], room, SIZE, font, colour)
        else:
            self._document.lines(x + 2, baseline, texts, SIZE, font, colour, LINE_HEIGHT)

    def _require(self, height: float) -> None:
        """Begin a page if this one has no room, and write the heading where it is not yet."""
        document = self._document
        heading = LINE_HEIGHT + 2 * _ROW_GAP
        if document.is_full(height + (0 if self._page == document.page_count else heading)):
            document.add_page()
        if self._page != document.page_count:
            document.begin(ARTIFACT if self._page else "TR")  # repeated headings are not read
            self._page = document.page_count
            self._write_heading()
            document.end()

    def _write_heading(self) -> None:
        document = self._document
        x, baseline = MARGIN, document.y + SIZE + 1
        for column in self._columns:
            document.begin("TH", A=_OF_ITS_COLUMN)
            self._write(column, x, baseline, [column.title], BOLD, GREY)
            document.end()
            x += column.width
        document.rule(document.y + LINE_HEIGHT + _ROW_GAP)
        document.y += LINE_HEIGHT + 2 * _ROW_GAP


def _room(column: Column) -> float:
    return column.width - _COLUMN_GAP


def _shortened(text: str, locale: str) -> str:
    shown = printable(text[: _LONGEST_TEXT // 3], locale)
    if len(shown) <= _LONGEST_TEXT:
        shown = printable(text, locale)
    return shown if len(shown) <= _LONGEST_TEXT else f"{shown[:_LONGEST_TEXT]}…"

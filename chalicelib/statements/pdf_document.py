"""A PDF of A4 pages, written from top to bottom: texts, lines, rectangles and bookmarks.

Positions are in points from the upper left corner of the page; pydyf writes the objects. A document
with at most MOST_TAGGED entries is tagged: what is written between `begin` and `end` is of that
element, and lines and rectangles outside of figures are artifacts.
"""

import io
import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import pydyf

from chalicelib.statements.pdf_structure import FIGURE, Element, Structure
from chalicelib.statements.pdf_text import BOLD, FONT_NAMES, REGULAR, width
from chalicelib.statements.transliteration import ENCODING, printable

PAGE_WIDTH, PAGE_HEIGHT = 595.28, 841.89
MARGIN = 42.0
RIGHT = PAGE_WIDTH - MARGIN
BOTTOM = PAGE_HEIGHT - 56
BLACK = (0.1, 0.1, 0.1)
GREY = (0.42, 0.42, 0.42)
RULE = (0.8, 0.8, 0.8)
MOST_TAGGED = 2_000
"""How many entries a tagged document has at most; each takes seven elements, time and room."""
Colour = tuple[float, float, float]


class Document:
    """A PDF while it is written; `y` is the height at which the next content begins.

    `entries` is how many entries it will show.
    """

    def __init__(self, title: str, language: str, made: datetime | None, entries: int) -> None:
        self._structure = Structure() if entries <= MOST_TAGGED else None
        self._is_in_figure = False
        self._pdf = pydyf.PDF()
        self._pages: list[pydyf.Stream] = []
        self._bookmarks: list[tuple[str, int, float]] = []
        self._title, self.language, self._made = title, language, made
        self.y = 0.0

    @property
    def page_count(self) -> int:
        """How many pages there are."""
        return len(self._pages)

    def add_page(self) -> None:
        """Begin a new page."""
        self._pages.append(pydyf.Stream())
        self.y = MARGIN

    def is_full(self, height: float) -> bool:
        """Return whether the page has no room for content of this height."""
        return not self._pages or self.y + height > BOTTOM

    def bookmark(self, title: str) -> None:
        """Add an entry to the outline, for the current height of this page."""
        self._bookmarks.append((title, len(self._pages) - 1, self.y))

    def begin(self, role: str, **attributes: Any) -> Element | None:
        """Begin an element of the structure, such as `TR`; return it, None if not tagged."""
        return self._structure.begin(role, attributes) if self._structure else None

    def begin_figure(self, description: str, height: float) -> None:
        """Begin a figure at the current height; everything until `end` is one content of it."""
        if self._structure is None:
            return
        box = (MARGIN, PAGE_HEIGHT - self.y - height, RIGHT, PAGE_HEIGHT - self.y)
        layout = {"O": "/Layout", "BBox": pydyf.Array(round(value, 2) for value in box)}
        self.begin(FIGURE, Alt=pydyf.String(description), A=pydyf.Dictionary(layout))
        self._pages[-1].stream.append(self._structure.operator(len(self._pages) - 1))
        self._is_in_figure = True

    def heading(self, role: str, text: str, size: float, below: float) -> None:
        """Write a heading with its baseline `below` points under the current height."""
        self.begin(role)
        self.text(MARGIN, self.y + below, text, size, BOLD)
        self.end()

    def resume(self, element: Element | None) -> None:
        """Continue an element that has ended."""
        if self._structure and element:
            self._structure.resume(element)

    def end(self) -> None:
        """End the newest element."""
        if self._structure and self._structure.end() == FIGURE:
            self._pages[-1].stream.append(b"EMC")
            self._is_in_figure = False

    def on_every_page(self, draw: Callable[["Document", int], None]) -> None:
        """Let `draw` add to each page; it is called with the page's number, from 1."""
        pages, self._pages = self._pages, []
        for number, page in enumerate(pages, start=1):
            self._pages.append(page)
            draw(self, number)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = 8,
        font: str = REGULAR,
        colour: Colour = BLACK,
        align: str = "left",
    ) -> None:
        """Write one line with its baseline at `y`; `x` is its left or right end, or its centre."""
        if align != "left":
            x -= width(printable(text), font, size) / (1 if align == "right" else 2)
        self.lines(x, y, [text], size, font, colour)

    def right(
        self,
        right: float,
        y: float,
        text: str,
        room: float,
        size: float = 8,
        font: str = REGULAR,
        colour: Colour = BLACK,
    ) -> None:
        """Write one line that ends at `right`, smaller where it needs more than `room` points."""
        wide = width(printable(text), font, size)
        smaller = min(1, room / max(wide, 1))
        self.lines(right - wide * smaller, y, [text], size * smaller, font, colour)

    def lines(
        self,
        x: float,
        y: float,
        texts: Sequence[str],
        size: float = 8,
        font: str = REGULAR,
        colour: Colour = BLACK,
        leading: float = 0,
    ) -> None:
        """Write lines, the first with its baseline at `y`, the others `leading` points below."""
        if not any(texts):
            return
        # One operation in place of pydyf's six for each line, which take twice as long.
        place = f"{_style(font, size, colour)} {x:.2f} {PAGE_HEIGHT - y:.2f} Td"
        place += f" {leading:.4g} TL" if leading else ""
        shown = printable("\n".join(texts)).encode(ENCODING)
        for sign in (b"\\", b"(", b")"):
            shown = shown.replace(sign, b"\\" + sign)
        content = shown.replace(b"\n", b") Tj T* (")
        self._add(b"BT %s (%s) Tj ET" % (place.encode(), content))

    def rule(self, y: float, left: float = MARGIN, right: float = RIGHT) -> None:
        """Draw a thin horizontal line."""
        self.line([(left, y), (right, y)], RULE, 0.5)

    def line(self, points: list[tuple[float, float]], colour: Colour, thickness: float) -> None:
        """Draw a line through points."""
        drawing = pydyf.Stream()
        drawing.set_color_rgb(*colour, stroke=True)
        drawing.set_line_width(thickness)
        for number, (x, y) in enumerate(points):
            (drawing.line_to if number else drawing.move_to)(round(x, 2), round(PAGE_HEIGHT - y, 2))
        drawing.stroke()
        self._add(b"\n".join(drawing.stream), is_text=False)

    def rectangle(self, x: float, y: float, wide: float, high: float, colour: Colour) -> None:
        """Fill a rectangle; `y` is its upper edge."""
        drawing = pydyf.Stream()
        drawing.set_color_rgb(*colour)
        drawing.rectangle(*(round(value, 2) for value in (x, PAGE_HEIGHT - y - high, wide, high)))
        drawing.fill()
        self._add(b"\n".join(drawing.stream), is_text=False)

    def _add(self, content: bytes, is_text: bool = True) -> None:
        stream = self._pages[-1].stream
        if self._structure is None or self._is_in_figure:
            stream.append(content)
            return
        page = len(self._pages) - 1
        operator = self._structure.operator(page) if is_text else b"/Artifact BMC"
        stream.extend((operator, content, b"EMC"))

    def content(self) -> bytes:
        """Return the file; equal contents give equal bytes."""
        pdf = self._pdf
        fonts = pydyf.Dictionary({name: self._font(name) for name in FONT_NAMES})
        # Pages inherit these (ISO 32000-1, 7.7.3.4).
        pdf.pages["MediaBox"] = pydyf.Array([0, 0, PAGE_WIDTH, PAGE_HEIGHT])
        pdf.pages["Resources"] = pydyf.Dictionary({"Font": fonts})
        pages = []
        for stream in map(_compressed, self._pages):
            pdf.add_object(stream)
            parts = {"Type": "/Page", "Parent": pdf.pages.reference, "Contents": stream.reference}
            pages.append(pydyf.Dictionary(parts))
            pdf.add_page(pages[-1])
        if self._structure:
            self._structure.write(pdf, pages)
        self._add_outline()
        pdf.info["Title"] = pydyf.String(self._title)
        pdf.info["Producer"] = pydyf.String("Livro Caixa")
        if self._made:
            made = f"D:{self._made.astimezone(UTC):%Y%m%d%H%M%S}Z"
            pdf.info["CreationDate"] = pydyf.String(made)
        pdf.catalog["Lang"] = pydyf.String(self.language)
        pdf.catalog["ViewerPreferences"] = pydyf.Dictionary({"DisplayDocTitle": "true"})
        target = io.BytesIO()
        pdf.write(target, identifier=True, compress=True)
        return target.getvalue()

    def _font(self, name: str) -> Any:
        font = pydyf.Dictionary(
            {
                "Type": "/Font",
                "Subtype": "/Type1",
                "BaseFont": f"/{FONT_NAMES[name]}",
                "Encoding": "/WinAnsiEncoding",
            }
        )
        self._pdf.add_object(font)
        return font.reference

    def _add_outline(self) -> None:
        """Write the bookmarks as a flat outline (ISO 32000-1, 12.3.3)."""
        if not self._bookmarks:
            return
        pdf = self._pdf
        self._bookmarks.sort(key=lambda bookmark: bookmark[1:])
        outline = pydyf.Dictionary({"Type": "/Outlines", "Count": len(self._bookmarks)})
        items = [
            pydyf.Dictionary({"Title": pydyf.String(title)}) for title, _, _ in self._bookmarks
        ]
        for item in (outline, *items):
            pdf.add_object(item)
        for number, (item, (_, page, y)) in enumerate(zip(items, self._bookmarks, strict=True)):
            place = [pdf.page_references[page], "/XYZ", 0, round(PAGE_HEIGHT - y, 2), 0]
            item.update(Parent=outline.reference, Dest=pydyf.Array(place))
            if number:
                item["Prev"], items[number - 1]["Next"] = (
                    items[number - 1].reference,
                    item.reference,
                )
        outline.update(First=items[0].reference, Last=items[-1].reference)
        pdf.catalog.update(Outlines=outline.reference, PageMode="/UseOutlines")


def _compressed(page: Any) -> Any:
    """Return a page's stream, compressed once: pydyf does it again for the identifier."""
    return pydyf.Stream([zlib.compress(b"\n".join(page.stream))], {"Filter": "/FlateDecode"})


@lru_cache
def _style(font: str, size: float, colour: Colour) -> str:
    red, green, blue = colour
    return f"/{font} {size:.4g} Tf {red} {green} {blue} rg"

"""The lines of text in a PDF of this project, with their positions."""

import re
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from chalicelib.statements.pdf_text import width

_TEXT_BLOCK = re.compile(
    rb"BT /(F\d) ([\d.]+) Tf [\d. ]+ rg ([-\d.]+) ([-\d.]+) Td(?: ([\d.]+) TL)? (.*?) ET$",
    re.S | re.M,
)


class Shown(NamedTuple):
    """A line of text in a PDF: where it starts and ends, and its baseline above the page's end."""

    text: str
    left: float
    right: float
    bottom: float


def pdf_lines(content: bytes) -> Iterator[Shown]:
    """Yield the lines of text of a PDF in the order of its pages."""
    for stream in re.findall(rb"stream\n(.*?)\nendstream", content, re.DOTALL):
        for font, size, x, y, leading, block in _TEXT_BLOCK.findall(zlib.decompress(stream)):
            for number, shown in enumerate(re.findall(rb"\((.*?)\) Tj", block, re.DOTALL)):
                text = re.sub(r"\\([\\()])", r"\1", shown.decode("cp1252"))
                right = float(x) + width(text, font.decode(), float(size))
                yield Shown(text, float(x), right, float(y) - number * float(leading or 0))


def pdf_texts(content: bytes) -> str:
    """Return the texts of a PDF, a line for each."""
    return "\n".join(line.text for line in pdf_lines(content))

"""Pictures keep their pixels, if they have few colours, and become palette PNGs."""

import struct
import zlib

from verification.screenshots.png_palette import SIGNATURE, with_palette

RED, GREEN, PAPER = (200, 0, 0), (0, 200, 0), (244, 243, 238)
PIXELS = [[RED, GREEN, PAPER], [PAPER, RED, GREEN], [GREEN, PAPER, RED]]


def png(kinds: tuple[int, int, int]) -> bytes:
    """Return the pixels as an RGB PNG, each row by its kind of filter."""
    rows = [b"".join(map(bytes, row)) for row in PIXELS]
    lines, above = [], bytes(9)
    for kind, row in zip(kinds, rows, strict=True):
        left = bytes(3) + row[:-3]
        minus = {0: bytes(9), 1: left, 2: above}[kind]
        filtered = bytes((a - b) & 255 for a, b in zip(row, minus, strict=True))
        lines.append(bytes([kind]) + filtered)
        above = row
    header = struct.pack(">IIBBBBB", 3, 3, 8, 2, 0, 0, 0)
    return SIGNATURE + b"".join(
        struct.pack(">I", len(content)) + name + content + bytes(4)
        for name, content in ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(lines))))
    )


def test_filters_are_undone_and_colours_kept() -> None:
    small = with_palette(png((0, 1, 2)))
    assert small == with_palette(png((2, 0, 1)))
    palette = small[small.index(b"PLTE") + 4 :][:9]
    colours = [tuple(palette[start : start + 3]) for start in (0, 3, 6)]
    assert set(colours) == {RED, GREEN, PAPER}
    content = small[small.index(b"IDAT") + 4 : small.index(b"IEND") - 8]
    lines = zlib.decompress(content)
    rows = [[colours[index] for index in lines[4 * row + 1 : 4 * row + 4]] for row in range(3)]
    assert rows == PIXELS

"""Write a PNG again with at most 256 colours: a third of the bytes, and no visible difference.

Reads what Chromium writes: 8 bits per channel, RGB or RGBA, not interlaced.
"""

import struct
import zlib
from collections import Counter
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOURS = 256
_CHANNELS = {2: 3, 6: 4}  # by PNG's number for RGB and RGBA

Colour = tuple[int, int, int]


def with_palette(png: bytes) -> bytes:
    """Return the same picture with the nearest of its most frequent colours."""
    chunks = list(_chunks(png))
    width, height, _, colour_type = struct.unpack(">IIBB", chunks[0][1][:10])
    packed = b"".join(content for name, content in chunks if name == b"IDAT")
    channels = _CHANNELS[colour_type]
    rows = list(_rows(zlib.decompress(packed), width * channels, channels))
    pixels = [
        list(zip(row[::channels], row[1::channels], row[2::channels], strict=True)) for row in rows
    ]
    counted = Counter(pixel for row in pixels for pixel in row)
    palette = _palette(counted)
    index = {colour: number for number, colour in enumerate(palette)}
    for colour in counted:
        if colour not in index:
            index[colour] = index[_nearest(colour, palette)]
    lines = b"".join(b"\0" + bytes(map(index.__getitem__, row)) for row in pixels)
    return SIGNATURE + b"".join(
        _chunk(name, content)
        for name, content in (
            (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            (b"PLTE", b"".join(map(bytes, palette))),
            (b"IDAT", zlib.compress(lines, 9)),
            (b"IEND", b""),
        )
    )


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(SIGNATURE)
    while place < len(png):
        length, name = struct.unpack(">I4s", png[place : place + 8])
        yield name, png[place + 8 : place + 8 + length]
        place += length + 12


def _chunk(name: bytes, content: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + checksum


def _rows(filtered: bytes, length: int, step: int) -> Iterator[bytearray]:
    """Undo the filters of PNG (section 9): each byte is a difference to its neighbours."""
    above = bytearray(length)
    for start in range(0, len(filtered), length + 1):
        kind, row = filtered[start], bytearray(filtered[start + 1 : start + 1 + length])
        if kind == 2:
            row = bytearray((each + up) & 255 for each, up in zip(row, above, strict=True))
        elif kind:
            for place in range(length):
                left = row[place - step] if place >= step else 0
                corner = above[place - step] if place >= step else 0
                guess = _guess(kind, left, above[place], corner)
                row[place] = (row[place] + guess) & 255
        yield row
        above = row


def _guess(kind: int, left: int, up: int, corner: int) -> int:
    if kind == 1:
        return left
    if kind == 3:
        return (left + up) // 2
    guess = left + up - corner
    return min((left, up, corner), key=lambda near: abs(guess - near))


def _palette(counted: Counter[Colour]) -> list[Colour]:
    """Return the most frequent colours, as far apart as it needs for at most 256.

    So a rare colour, as of one red word, has its own place.
    """
    palette: list[Colour] = []
    apart = 0
    while not 0 < len(palette) <= COLOURS:
        palette = []
        for colour, _ in counted.most_common():
            is_new = all(_difference(colour, each) > apart**2 for each in palette)
            if is_new and len(palette) <= COLOURS:
                palette.append(colour)
        apart += 4
    return palette


def _nearest(colour: Colour, palette: list[Colour]) -> Colour:
    return min(palette, key=lambda each: _difference(each, colour))


def _difference(colour: Colour, other: Colour) -> int:
    return sum((a - b) ** 2 for a, b in zip(colour, other, strict=True))

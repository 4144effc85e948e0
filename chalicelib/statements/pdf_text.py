"""Text in the standard fonts of PDF: how wide it is, and where it breaks.

Every reader has Helvetica and Courier (ISO 32000-1, 9.6.2.2), so no file carries a font.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import accumulate

from chalicelib.statements.transliteration import ENCODING, printable

REGULAR, BOLD, FIXED = "F1", "F2", "F3"
FONT_NAMES = {REGULAR: "Helvetica", BOLD: "Helvetica-Bold", FIXED: "Courier"}
_FIXED_WIDTH = 600
# Adobe's font metrics for the codes from 32 on, in thousandths of the font's size.
_HELVETICA = (
    "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 "
    "556 556 556 556 278 278 584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 "
    "556 833 722 778 667 778 722 667 611 722 667 944 667 667 611 278 278 278 469 556 333 556 "
    "556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 278 556 500 722 "
    "500 500 500 334 260 334 584 350 556 350 222 556 333 1000 556 556 333 1000 667 333 1000 350 "
    "611 350 350 222 222 333 333 350 556 1000 333 1000 500 333 944 350 500 667 278 333 556 556 "
    "556 556 260 556 333 737 370 556 584 333 737 333 400 584 333 333 333 556 537 278 333 333 "
    "365 556 834 834 834 611 667 667 667 667 667 667 1000 722 667 667 667 667 278 278 278 278 "
    "722 722 778 778 778 778 778 584 778 722 722 722 722 667 667 611 556 556 556 556 556 556 "
    "889 500 556 556 556 556 278 278 278 278 556 556 556 556 556 556 556 584 611 556 556 556 "
    "556 500 556 500 "
)
_HELVETICA_BOLD = (
    "278 333 474 556 556 889 722 238 333 333 389 584 278 333 278 278 556 556 556 556 556 556 "
    "556 556 556 556 333 333 584 584 584 611 975 722 722 722 722 667 611 778 722 278 556 722 "
    "611 833 722 778 667 778 722 667 611 722 667 944 667 667 611 333 278 333 584 556 333 556 "
    "611 556 611 556 333 611 611 278 278 556 278 889 611 611 611 611 389 556 333 611 556 778 "
    "556 556 500 389 280 389 584 350 556 350 278 556 500 1000 556 556 333 1000 667 333 1000 350 "
    "611 350 350 278 278 500 500 350 556 1000 333 1000 556 333 944 350 500 667 278 333 556 556 "
    "556 556 280 556 333 737 370 556 584 333 737 333 400 584 333 333 333 611 556 278 333 333 "
    "365 556 834 834 834 611 722 722 722 722 722 722 1000 722 667 667 667 667 278 278 278 278 "
    "722 722 778 778 778 778 778 584 778 722 722 722 722 667 667 611 556 556 556 556 556 556 "
    "889 556 556 556 556 556 278 278 278 278 611 611 611 611 611 611 611 584 611 611 611 611 "
    "611 556 611 556 "
)


def width(text: str, font: str, size: float) -> float:
    """Return the width of a printable text in points."""
    return sum(map(_widths(font).__getitem__, text)) * size / 1000


def size_that_fits(text: str, font: str, size: float, room: float) -> float:
    """Return the size in which a text needs at most `room` points: `size`, or a smaller one."""
    return min(size, size * room / max(width(printable(text), font, size), 1))


def cut(text: str, font: str, size: float, room: float) -> str:
    """Return a text, shortened at its end where it is wider than `room` points."""
    (line,) = wrap(text, font, size, room, most=1) or [""]
    return line


def wrap(text: str, font: str, size: float, room: float, most: int | None = None) -> list[str]:
    """Return the lines of a text, none wider than `room` points.

    A word that is too long is broken after a hyphen or slash if that is possible. Where `most`
    lines do not suffice, the last one ends in "…".
    """
    shown, widths = printable(text), _widths(font)
    limit = int(room * 1000 / size)
    ends = list(accumulate(map(widths.__getitem__, shown), initial=0))
    if ends[-1] <= limit:
        return [shown] if shown else []
    lines: list[str] = []
    start = 0
    while start < len(shown):
        if len(lines) + 1 == most and ends[-1] - ends[start] > limit:
            end = _longest(ends, start, limit - widths["…"])
            return [*lines, f"{shown[start:end]}…"]
        end, following = _line_end(shown, start, _longest(ends, start, limit))
        lines.append(shown[start:end])
        start = following
    return lines


def _longest(ends: Sequence[int], start: int, limit: int) -> int:
    """Return where the longest text from `start` ends; it has at least one character."""
    return max(start + 1, bisect_right(ends, ends[start] + limit, start) - 1)


def _line_end(text: str, start: int, end: int) -> tuple[int, int]:
    """Return where a line ends that may extend to `end`, and where the next one starts."""
    if end >= len(text):
        return end, end
    if (space := text.rfind(" ", start + 1, end + 1)) > 0:
        return space, space + 1
    after = 1 + max(text.rfind("-", start + 1, end), text.rfind("/", start + 1, end))
    return (after, after) if after else (end, end)


@cache
def _widths(font: str) -> Mapping[str, int]:
    """Return the width of each character in thousandths of the font's size."""
    metrics = _HELVETICA_BOLD if font == BOLD else _HELVETICA
    widths = [0] * 32 + [int(number) for number in metrics.split()]
    return {
        bytes([code]).decode(ENCODING, "ignore"): _FIXED_WIDTH if font == FIXED else of_code
        for code, of_code in enumerate(widths)
    }

"""Which media type a client prefers (RFC 9110, 12.4.2 and 12.5.1)."""

import re
from collections.abc import Sequence
from typing import NamedTuple

_WEIGHT = re.compile(r";\s*q=(0(?:\.[0-9]*)?|1(?:\.0*)?)\s*(?:;|$)", re.IGNORECASE)


class Preference(NamedTuple):
    """How much a client wants a media type: its weight (0 to 1), and its place in the header."""

    weight: float
    place: int


def weight(choice: str) -> float:
    """Return the weight of an element of a header, 1 if it gives none; 0 excludes the element."""
    match = _WEIGHT.search(choice)
    return float(match[1]) if match else 1


def preferred(accept: str, media_types: Sequence[str], last_resort: str) -> str:
    """Return the media type that an Accept header prefers, the first one if it accepts none.

    The highest weight counts, then the order in the header, then that of `media_types`. The
    `last_resort`, which is one of them, must weigh more than the first one to be preferred to it.
    """
    default = media_types[0]
    wanted = {name: preference(accept, name) for name in media_types}
    if wanted[default].weight == wanted[last_resort].weight:
        del wanted[last_resort]
    best = min(wanted, key=lambda name: (-wanted[name].weight, wanted[name].place))
    return best if wanted[best].weight else default


def preference(accept: str, media_type: str) -> Preference:
    """Return the preference for a media type, by the most specific range that matches it."""
    ranges = ("*/*", f"{media_type.partition('/')[0]}/*", media_type)
    matches = (
        (ranges.index(name), Preference(weight(choice), place))
        for place, choice in enumerate(accept.split(","))
        if (name := choice.partition(";")[0].strip().lower()) in ranges
    )
    return max(matches, default=(0, Preference(0, 0)), key=lambda match: match[0])[1]

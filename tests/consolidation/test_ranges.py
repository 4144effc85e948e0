"""How the night's work is divided, whoever has entries by then."""

from typing import cast

import pytest

from chalicelib.consolidation.ports import Books
from chalicelib.consolidation.ranges import plan


class _Boundaries:
    def __init__(self, first: list[str]) -> None:
        self._first = first

    def boundaries(self, parts: int) -> list[str]:
        return self._first


@pytest.mark.parametrize("first", [[], ["banca"], ["acougue", "banca", "padaria"]])
def test_ranges_follow_one_another_and_the_last_is_open(first: list[str]) -> None:
    ranges = plan(cast(Books, _Boundaries(first)), None)
    merchants = [(part["first"], part["before"]) for part in ranges if "first" in part]
    assert [one for one, _ in merchants] == first
    assert [end for _, end in merchants] == [*first, None][1:]
    assert [part["sweep"] for part in ranges if "sweep" in part] == [0, 1, 2, 3]

"""A merchant's chain of closings, read backwards from its newest one, each as it was signed.

PostgreSQL's copies are read, and count only if each has the root that the next one names. What a
run has read once is kept, so that many days of one merchant do not read the same closings again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from chalicelib.closing.errors import SealMismatchError
from chalicelib.closing.ports import ReadModel
from chalicelib.ledger.closings import LineKey, effects_of, lines_of
from chalicelib.ledger.seals import SEAL_FIELDS, closing_root

_PAGE = 100
"""How many closings one statement reads at most; it reads fewer if they are large."""
_MAX_LINES = 500_000
"""How many balance lines of closings are kept in memory; each takes a few hundred bytes."""

Amounts = Mapping[LineKey, int]
"""Minor units by account and currency."""


@dataclass(frozen=True, slots=True)
class Link:
    """A closing in the chain: its place, and its amounts.

    `opening` and `closing` are the balances before and after its day, without the part that was in
    no closing; `effect` is what it adds to earlier versions of its day.
    """

    sequence: int
    day: date
    closed_at: datetime
    root: str
    previous_root: str | None
    opening: Amounts
    closing: Amounts
    effect: Amounts


class SignedChain:
    """The chain of the merchant that a run is working on; another merchant's replaces it."""

    def __init__(self) -> None:
        self._merchant_id = ""
        self._links: dict[int, Link] = {}
        self._lines = 0

    def backwards(
        self, read_model: ReadModel, head: Mapping[str, Any], start: int
    ) -> Iterator[Link]:
        """Yield the merchant's closings from the head on, which is the bucket's, newest first.

        They are read down to the number `start`, and further only if they are needed. Raises
        SealMismatchError for one that is missing or not what was signed.
        """
        if head["merchant"] != self._merchant_id:
            self._merchant_id, self._links, self._lines = head["merchant"], {}, 0
        link = self._known(head["sequence"], head["root"]) or self._keep(head, head["root"])
        yield link
        while link.sequence > 1:
            number, root = link.sequence - 1, link.previous_root
            known = self._known(number, root)
            for link in [known] if known else self._page(read_model, number, root, start):
                yield link

    def _page(
        self, read_model: ReadModel, number: int, root: str | None, start: int
    ) -> Iterator[Link]:
        """Read a page of closings from a number down to the next that is kept; at least one."""
        lowest = max(start if number >= start else 1, number - _PAGE + 1, 1)
        known = (below for below in range(number - 1, lowest - 1, -1) if below in self._links)
        first = next(known, lowest - 1) + 1
        page = read_model.closings_between(self._merchant_id, first, number)
        if not page:
            raise altered(number)
        for item in page:
            if root is None or not _has_root(item, number, root):
                raise altered(number)
            link = self._keep(item, root)
            yield link
            number, root = link.sequence - 1, link.previous_root

    def _known(self, number: int, root: str | None) -> Link | None:
        link = self._links.get(number)
        return link if link and link.root == root else None

    def _keep(self, item: Mapping[str, Any], root: str) -> Link:
        link = _link(item, root)
        if self._lines < _MAX_LINES:
            self._links[link.sequence] = link
            self._lines += len(link.closing) + len(link.effect)
        return link


def altered(number: int) -> SealMismatchError:
    """Return the error for a closing in the read model that is not the one that was signed."""
    return SealMismatchError(
        f"Closing {number} in the read model must be the one that the next closing names; it was "
        "altered or removed, and nothing is sealed upon it."
    )


def _has_root(item: Mapping[str, Any], number: int, root: str) -> bool:
    try:
        header = {name: value for name, value in item.items() if name not in SEAL_FIELDS}
        entries_root = bytes.fromhex(item["entries_root"])
        return item["sequence"] == number and closing_root(header, entries_root) == root
    except (AttributeError, KeyError, TypeError, ValueError):  # altered to what is no closing
        return False


def _link(item: Mapping[str, Any], root: str) -> Link:
    lines = lines_of(item)
    return Link(
        sequence=item["sequence"],
        day=date.fromisoformat(item["day"]),
        closed_at=datetime.fromisoformat(item["closed_at"]),
        root=root,
        previous_root=item["previous_root"],
        opening={line.key: line.opening.minor - line.opening.unsealed_minor for line in lines},
        closing={line.key: line.closing_minor - line.opening.unsealed_minor for line in lines},
        effect={line.key: line.totals.net_minor for line in effects_of(item)},
    )

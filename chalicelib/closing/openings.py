"""Whether the balances before a day follow from the merchant's chain of closings.

Sums in PostgreSQL can be altered, and its other sums to match. What was sealed cannot: each closing
names the root of the one before it, and the newest one is the bucket's. So the closings that count
are read backwards from it, and a closing that was altered or is missing is noticed. They end with
one that states the balance before the day: the day's newest version, or that of the last closed day
before it. These are few, where it was sealed lately; there is one more for each closing since then.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from chalicelib.closing.day_state import DayState
from chalicelib.closing.errors import OpeningMismatchError, SealMismatchError
from chalicelib.closing.ports import Ports
from chalicelib.ledger.closings import LineKey, effects_of, lines_of
from chalicelib.ledger.seals import SEAL_FIELDS, closing_root

_PAGE = 100
"""How many closings one statement reads."""


def check_opening(ports: Ports, state: DayState, head: Mapping[str, Any] | None) -> None:
    """Raise OpeningMismatchError unless what is sealed of earlier days is what was signed.

    `head` is the merchant's newest closing as the bucket retains it, None without any. Raises
    SealMismatchError where a closing that counts is not the one that was sealed.
    """
    expected = _sealed_before(ports, state, head) if head else {}
    for line in sorted(expected.keys() | state.prior_balances.keys()):
        prior = state.prior_balances.get(line)
        sealed, right = prior.sealed if prior else 0, expected.get(line, 0)
        if sealed != right:
            raise OpeningMismatchError(
                f"The sealed balance of {' '.join(line)} before {state.day} must be {right} minor "
                f"units, by the chain of closings; the sums of closings say {sealed}."
            )


def _sealed_before(ports: Ports, state: DayState, head: Mapping[str, Any]) -> dict[LineKey, int]:
    """Return what was sealed of days before this one, by the closings up to the head."""
    start, stated_day = _start(state)
    since = None if state.newest else _unclosed_since(ports, state, stated_day)
    sums: defaultdict[LineKey, int] = defaultdict(int)
    for item in _backwards(ports, head, start):
        number, day = item["sequence"], date.fromisoformat(item["day"])
        if number == start:
            for line, minor in _stated(item, state, stated_day).items():
                sums[line] += minor
        elif day < state.day and (number > start or day > stated_day):
            for effect in effects_of(item):
                sums[effect.key] += effect.totals.net_minor
        if number <= start and (since is None or datetime.fromisoformat(item["closed_at"]) < since):
            break
    return sums


def _start(state: DayState) -> tuple[int, date]:
    """Return the closing that states what was sealed before, and up to which day.

    0 where no earlier day is closed.
    """
    if state.newest:
        return state.newest["sequence"], state.day - timedelta(1)
    return state.closed_before or (0, date.min)


def _unclosed_since(ports: Ports, state: DayState, closed_day: date) -> datetime | None:
    """Return when the oldest entry of a day between the last closed one and this was recorded.

    By the ledger, and usually there is no such day. Another one may have got its first entry a
    moment ago; or the read model lost its closings, none of which is older than its entries.
    """
    merchant_id, until = state.merchant_id, state.day - timedelta(1)
    if closed_day == until:
        return None
    after = None if closed_day == date.min else closed_day
    days = ports.ledger.days_between(merchant_id, after, until)
    entries = (entry for day in days for entry in ports.ledger.day_entries(merchant_id, day))
    return min((entry.recorded_at for entry in entries), default=None)


def _stated(item: Mapping[str, Any], state: DayState, day: date) -> dict[LineKey, int]:
    """Return what a closing states of days up to `day`, in minor units.

    The unsealed part of an older closing is subtracted: it was in no closing.
    """
    own_day = state.day if state.newest else day
    if item["day"] != own_day.isoformat():
        raise _altered(item["sequence"])
    return {
        line.key: (line.opening.minor if state.newest else line.closing_minor)
        - line.opening.unsealed_minor
        for line in lines_of(item)
    }


def _backwards(ports: Ports, head: Mapping[str, Any], start: int) -> Iterator[Mapping[str, Any]]:
    """Yield the merchant's closings from the head on, newest first, each as it was sealed.

    They are read down to the number `start`, and further only if they are needed.
    """
    yield head
    number, root = head["sequence"] - 1, head["previous_root"]
    while number > 0:
        first = max(start if number >= start else 1, number - _PAGE + 1, 1)
        page = ports.read_model.closings_between(head["merchant"], first, number)
        if not page:
            raise _altered(number)
        for item in page:
            if not _has_root(item, number, root):
                raise _altered(number)
            yield item
            number, root = number - 1, item["previous_root"]


def _has_root(item: Mapping[str, Any], number: int, root: str) -> bool:
    header = {name: value for name, value in item.items() if name not in SEAL_FIELDS}
    try:
        entries_root = bytes.fromhex(item["entries_root"])
    except (KeyError, TypeError, ValueError):  # altered so that it is no hash at all
        return False
    return bool(item.get("sequence") == number and closing_root(header, entries_root) == root)


def _altered(number: int) -> SealMismatchError:
    return SealMismatchError(
        f"Closing {number} in the read model must be the one that the next closing names; it was "
        "altered or removed, and nothing is sealed upon it."
    )

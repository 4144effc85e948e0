"""Whether the balances before a day follow from the merchant's chain of closings.

Sums in PostgreSQL can be altered, and its other sums to match. What was sealed cannot: each closing
names the root of the one before it, and the newest one is the bucket's. So the closings that count
are read backwards from it, and a closing that was altered or is missing is noticed. They end with
one that states the balance before the day: the day's newest version, or that of the last closed day
before it. These are few, where it was sealed lately; there is one more for each closing since then.

For the first version of a day, they are read further back, to before its entries were recorded: the
day, and those between the last closed one and it, must be in none of them. Otherwise closings were
removed from PostgreSQL, and a second first version would be signed.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from chalicelib.closing.day_state import DayState
from chalicelib.closing.draft import MAX_CLOCK_SKEW
from chalicelib.closing.errors import OpeningMismatchError, SealMismatchError
from chalicelib.closing.ports import Ports
from chalicelib.closing.reconcile import PROJECTION_GRACE
from chalicelib.closing.signed_chain import Amounts, Link, SignedChain, altered
from chalicelib.ledger.closings import LineKey


def check_opening(
    ports: Ports, chain: SignedChain, state: DayState, head: Mapping[str, Any] | None
) -> None:
    """Check that a day may be closed on top of what is sealed of earlier days.

    Raises OpeningMismatchError where the sealed balances are not those of the signed closings, or
    where an earlier day with entries is not closed. `head` is the merchant's newest closing as the
    bucket retains it, None without any. Raises SealMismatchError where a closing that counts is not
    the one that was sealed, or is missing.
    """
    since = _since(ports, state)
    links = chain.backwards(ports.read_model, head, _start(state)[0]) if head else ()
    expected = _sealed_before(links, state, since)
    for line in sorted(expected.keys() | state.prior_balances.keys()):
        prior = state.prior_balances.get(line)
        sealed, right = prior.sealed if prior else 0, expected.get(line, 0)
        if sealed != right:
            raise OpeningMismatchError(
                f"The sealed balance of {' '.join(line)} before {state.day} must be {right} minor "
                f"units, by the chain of closings; the sums of closings say {sealed}."
            )


def _sealed_before(
    links: Iterable[Link], state: DayState, since: datetime | None
) -> dict[LineKey, int]:
    """Return what was sealed of days before this one, by the closings from the head on.

    They are read down to the one that states the balance, and to the first from before `since`.
    """
    start, stated_day = _start(state)
    sums: defaultdict[LineKey, int] = defaultdict(int)
    for link in links:
        if link.sequence == start:
            _add(sums, _stated(link, state, stated_day))
        elif stated_day < link.day <= state.day:
            raise SealMismatchError(
                f"Closing {link.sequence}, of {link.day}, was signed, and must be among that day's "
                f"closings in the read model; {state.day} is not sealed without it."
            )
        elif link.sequence > start and link.day < state.day:
            _add(sums, link.effect)
        if link.sequence <= start and (since is None or link.closed_at < since):
            break
    return sums


def _start(state: DayState) -> tuple[int, date]:
    """Return the closing that states what was sealed before, and up to which day.

    0 where no earlier day is closed.
    """
    if state.newest:
        return state.newest["sequence"], state.day - timedelta(1)
    return state.closed_before or (0, date.min)


def _since(ports: Ports, state: DayState) -> datetime | None:
    """Return before which moment no closing can be of a day that counts as not closed.

    No closing is older than its entries, and none in the chain is older than the one before it, or
    by MAX_CLOCK_SKEW. None for a new version: the closings since the day's newest one are all that
    count.
    """
    unclosed = _unclosed(ports, state)
    if state.newest:
        return None
    own = (row.entry.recorded_at for row in state.rows.values())
    oldest = min((*own, *unclosed), default=None)
    return oldest - MAX_CLOCK_SKEW if oldest else None


def _unclosed(ports: Ports, state: DayState) -> list[datetime]:
    """Return when entries of days between the last closed one and this were recorded.

    By the ledger, and usually there is no such day. Another one may have got its first entry a
    moment ago. If it was not a moment ago, its stream record is lost, or somebody removed the
    day's closings: raises OpeningMismatchError, which names these days.
    """
    until = state.day - timedelta(1)
    closed_day = state.closed_before[1] if state.closed_before else None
    if closed_day == until:
        return []
    ledger, merchant_id = ports.ledger, state.merchant_id
    days = ledger.days_between(merchant_id, closed_day, until)
    recorded = {day: ledger.oldest_recorded(merchant_id, day) for day in days}
    moments = {day: moment for day, moment in recorded.items() if moment is not None}
    lately = ports.clock() - PROJECTION_GRACE if moments else None
    unclosed = [day for day, moment in moments.items() if lately and moment < lately]
    if unclosed:
        raise OpeningMismatchError(
            f"{unclosed[0]} has entries and no closing; it must be closed before {state.day}.",
            unclosed,
        )
    return list(moments.values())


def _stated(link: Link, state: DayState, day: date) -> Amounts:
    """Return what a closing states of days up to `day`."""
    if link.day != (state.day if state.newest else day):
        raise altered(link.sequence)
    return link.opening if state.newest else link.closing


def _add(sums: dict[LineKey, int], amounts: Amounts) -> None:
    for line, minor in amounts.items():
        sums[line] += minor

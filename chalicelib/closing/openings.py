"""Whether the balances before a day follow from the closing at the end of the merchant's chain."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from chalicelib.closing.day_state import DayState
from chalicelib.closing.errors import OpeningMismatchError
from chalicelib.ledger.closings import LineKey, lines_of


def check_opening(state: DayState, head: Mapping[str, Any] | None) -> None:
    """Raise OpeningMismatchError unless what is sealed of earlier days follows from the head.

    `head` is the merchant's newest closing as the bucket retains it, None without any. Sums in
    PostgreSQL can be altered, and its other sums to match; the closing in the bucket cannot.
    """
    expected = _balances_at(state.day, head)
    for line in sorted(expected.keys() | state.beyond_head.keys() | state.prior_balances.keys()):
        right = expected.get(line, 0) + state.beyond_head.get(line, 0)
        prior = state.prior_balances.get(line)
        sealed = prior.sealed if prior else 0
        if sealed != right:
            raise OpeningMismatchError(
                f"The sealed balance of {' '.join(line)} before {state.day} must be {right} minor "
                f"units, by the newest closing in the bucket; the sums of closings say {sealed}."
            )


def _balances_at(day: date, head: Mapping[str, Any] | None) -> dict[LineKey, int]:
    """Return what was sealed up to the head's day, or before it where `day` is not after it.

    The unsealed part of an older closing is subtracted: it was in no closing.
    """
    if head is None:
        return {}
    is_after = day > date.fromisoformat(head["day"])
    return {
        line.key: (line.closing_minor if is_after else line.opening.minor)
        - line.opening.unsealed_minor
        for line in lines_of(head)
    }

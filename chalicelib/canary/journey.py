"""One journey: record an entry, see it in the balance, reverse it, see the balance at zero again.

Keys are made from the journey's name, so that a journey made twice records one entry.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from http import HTTPStatus
from typing import Any

ACCOUNT = "canary"
ENTRY = {"type": "credit", "amount": "0.01", "account": ACCOUNT, "category": ACCOUNT}
NOTHING = Decimal("0.00")
LOOKS = 5
"""How often the balance is asked for; each time the service itself waits up to 2 s."""
PAGES = 5
PAGE = 200
MOST_UNDONE = 20
"""Leftovers of broken journeys reversed in one; the next ones go on."""


Told = Mapping[str, Any]
"""A JSON object that the service answered."""


class Lost(Exception):
    """The journey ended at a step; the message says how, and quotes nothing that was answered."""

    def __init__(self, step: str, reason: str) -> None:
        super().__init__(reason)
        self.step = step


@dataclass(frozen=True, slots=True)
class Reply:
    """What the service answered; `body` is {} where it was no JSON object."""

    status: int
    body: Told


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked: a POST with its key where there is a body, a GET otherwise."""

    path: str
    body: Mapping[str, str] | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Arrived:
    """A journey that got through; `yesterday_closed` is None where yesterday has no entries."""

    undone: int
    yesterday_closed: bool | None


Ask = Callable[[Request], Reply]


def travel(ask: Ask, name: str) -> Arrived:
    """Make one journey; raise Lost at the first step that does not go as the contract says."""
    entry = _post(ask, "record", Request("/v1/entries", ENTRY, name))
    _balance_with(ask, entry)
    reversal = _reverse(ask, entry["id"], f"{name}-undo")
    yesterday, today = _balance_with(ask, reversal)
    undone = 0
    if Decimal(today["closing"]) != NOTHING:
        undone = _undo_leftovers(ask)
    return Arrived(undone, _is_closed(yesterday))


def _balance_with(ask: Ask, entry: Told) -> tuple[Told, Told]:
    """Return the balances of the day before an entry's and of that day, with the entry in them."""
    day = date.fromisoformat(entry["day"])
    days = f"from={day - timedelta(days=1)}&to={day}&account={ACCOUNT}&after={entry['id']}"
    for _ in range(LOOKS):
        result = _get(ask, "balance", f"/v1/daily-balances?{days}")
        if result["freshness"]["complete"]:
            yesterday, today = result["items"]
            _check_sums(yesterday, today)
            return yesterday, today
    raise Lost("balance", f"the entry was not in the balance after {LOOKS} looks")


def _check_sums(yesterday: Told, today: Told) -> None:
    for one in (yesterday, today):
        change = Decimal(one["credits"]) - Decimal(one["debits"])
        if Decimal(one["opening"]) + change != Decimal(one["closing"]):
            raise Lost("balance", "opening, credits and debits are not the closing balance")
    if yesterday["closing"] != today["opening"]:
        raise Lost("balance", "the day does not open with what the day before closed with")


def _undo_leftovers(ask: Ask) -> int:
    """Reverse what broken journeys left behind; raise Lost if the balance is off all the same."""
    left = _leftovers(ask)
    if not left:
        raise Lost("balance", "every entry is reversed and the balance is not zero")
    last = [_reverse(ask, one, f"undo-{one}") for one in left[:MOST_UNDONE]][-1]
    _, today = _balance_with(ask, last)
    if Decimal(today["closing"]) != NOTHING:
        raise Lost("balance", f"the balance is not zero after {len(left)} reversals")
    return len(left)


def _leftovers(ask: Ask) -> list[str]:
    # The newest 1,000 are three days of journeys; what is older was seen to by one since then.
    left: list[str] = []
    path = f"/v1/entries?account={ACCOUNT}&type=credit&limit={PAGE}"
    cursor = ""
    for _ in range(PAGES):
        result = _get(ask, "list", path + cursor)
        left += [item["id"] for item in result["items"] if item["reversed_by"] is None]
        if result["next_cursor"] is None:
            break
        cursor = f"&cursor={result['next_cursor']}"
    return left


def _reverse(ask: Ask, entry_id: str, key: str) -> Told:
    path = f"/v1/entries/{entry_id}/reversal"
    return _post(ask, "reverse", Request(path, {"reason": "canary"}, key))


def _is_closed(day: Told) -> bool | None:
    return day["version"] is not None if day["entries"] else None


def _post(ask: Ask, step: str, request: Request) -> Told:
    return _answered(ask(request), step, HTTPStatus.CREATED)


def _get(ask: Ask, step: str, path: str) -> Told:
    return _answered(ask(Request(path)), step, HTTPStatus.OK)


def _answered(reply: Reply, step: str, wanted: HTTPStatus) -> Told:
    if reply.status != wanted:
        raise Lost(step, f"answered {reply.status} instead of {wanted.value}")
    return reply.body

"""One journey: record an entry, see it in the balance, reverse it, and see a balance of zero.

Idempotency keys are derived from the journey's name, so a repeated journey records one entry.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from http import HTTPStatus
from typing import Any

ACCOUNT = "canary"
ENTRY = {"type": "credit", "amount": "0.01", "account": ACCOUNT, "category": ACCOUNT}
ZERO = Decimal("0.00")
BALANCE_READS = 5
"""Attempts to see an entry in the balance; for each, the service waits up to 2 s."""
PAGES = 100
PAGE_SIZE = 200
"""At most 20,000 entries, of ten weeks of journeys, are searched for those of failed ones."""
MOST_REVERSALS = 20
"""Entries of failed journeys that one journey reverses; the next ones reverse the others."""

JsonObject = Mapping[str, Any]


class JourneyFailedError(Exception):
    """A step of the journey failed; the message has the reason without quoting a response."""

    def __init__(self, step: str, reason: str) -> None:
        super().__init__(reason)
        self.step = step


@dataclass(frozen=True, slots=True)
class Response:
    """A response of the service; `body` is {} where it was not a JSON object."""

    status: int
    body: JsonObject


@dataclass(frozen=True, slots=True)
class Request:
    """A request: a POST under an idempotency key if it has a body, otherwise a GET."""

    path: str
    body: Mapping[str, str] | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class JourneyResult:
    """A successful journey.

    `undone` is the number of reversed entries of failed journeys; `yesterday_closed` is None where
    yesterday has no entries.
    """

    undone: int
    yesterday_closed: bool | None


Send = Callable[[Request], Response]


def run_journey(send: Send, name: str) -> JourneyResult:
    """Make one journey; raise JourneyFailedError at the first response against the contract."""
    entry = _post(send, "record", Request("/v1/entries", ENTRY, name))
    _balances_with(send, entry)
    reversal = _reverse(send, entry["id"], f"{name}-undo")
    yesterday, today = _balances_with(send, reversal)
    undone = 0
    if Decimal(today["closing"]) != ZERO:
        undone = _reverse_leftovers(send)
    yesterday_closed = yesterday["version"] is not None if yesterday["entries"] else None
    return JourneyResult(undone, yesterday_closed)


def _balances_with(send: Send, entry: JsonObject) -> tuple[JsonObject, JsonObject]:
    """Return the balances of the day before an entry and of its day, once they include it."""
    day = date.fromisoformat(entry["day"])
    days = f"from={day - timedelta(days=1)}&to={day}&account={ACCOUNT}&after={entry['id']}"
    for _ in range(BALANCE_READS):
        body = _get(send, "balance", f"/v1/daily-balances?{days}")
        if body["freshness"]["complete"]:
            yesterday, today = body["items"]
            _check_sums(yesterday, today)
            return yesterday, today
    raise JourneyFailedError("balance", f"{BALANCE_READS} reads did not include the entry")


def _check_sums(yesterday: JsonObject, today: JsonObject) -> None:
    for day in (yesterday, today):
        change = Decimal(day["credits"]) - Decimal(day["debits"])
        if Decimal(day["opening"]) + change != Decimal(day["closing"]):
            raise JourneyFailedError(
                "balance", "opening plus credits minus debits is not the closing balance"
            )
    if yesterday["closing"] != today["opening"]:
        raise JourneyFailedError("balance", "a day's opening is not the closing of the day before")


def _reverse_leftovers(send: Send) -> int:
    """Reverse entries of failed journeys, which must make the balance zero; return their number."""
    leftovers = _leftovers(send)
    if not leftovers:
        raise JourneyFailedError("balance", "every entry is reversed, but the balance is not zero")
    reversals = [_reverse(send, entry, f"undo-{entry}") for entry in leftovers]
    _, today = _balances_with(send, reversals[-1])
    if Decimal(today["closing"]) != ZERO:
        raise JourneyFailedError(
            "balance",
            f"the balance is not zero after {len(reversals)} reversals",
        )
    return len(reversals)


def _leftovers(send: Send) -> list[str]:
    """Return the newest entries that are not reversed, as many as one journey reverses."""
    leftovers: list[str] = []
    path = f"/v1/entries?account={ACCOUNT}&type=credit&limit={PAGE_SIZE}"
    cursor = ""
    for _ in range(PAGES):
        body = _get(send, "list", path + cursor)
        leftovers += [item["id"] for item in body["items"] if item["reversed_by"] is None]
        if len(leftovers) >= MOST_REVERSALS or body["next_cursor"] is None:
            break
        cursor = f"&cursor={body['next_cursor']}"
    return leftovers[:MOST_REVERSALS]


def _reverse(send: Send, entry_id: str, key: str) -> JsonObject:
    path = f"/v1/entries/{entry_id}/reversal"
    return _post(send, "reverse", Request(path, {"reason": "canary"}, key))


def _post(send: Send, step: str, request: Request) -> JsonObject:
    return _body(send(request), step, HTTPStatus.CREATED)


def _get(send: Send, step: str, path: str) -> JsonObject:
    return _body(send(Request(path)), step, HTTPStatus.OK)


def _body(response: Response, step: str, expected: HTTPStatus) -> JsonObject:
    if response.status != expected:
        raise JourneyFailedError(step, f"returned {response.status} instead of {expected.value}")
    return response.body

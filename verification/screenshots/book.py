"""The book in the screenshots: a bakery's last six weeks, with closed and restated days."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from local.bakery import ZONE, Posting, postings
from local.consolidation import close_day
from local.demo_client import ApiClient
from local.demo_import import bank_file
from verification.commands import VerificationError

DAYS = 45
CLOSED_DAYS = 6
BATCH = 100
CATEGORIES = {
    "capital": "Aportes",
    "cards": "Cartões",
    "energy": "Energia",
    "pix": "Pix",
    "rent": "Aluguel",
    "sales": "Balcão",
    "suppliers": "Fornecedores",
    "wages": "Salários",
}


def fill_book(client: ApiClient, aws_endpoint: str, now: datetime) -> bytes:
    """Record and close the days before `now`; return a bank file of yesterday with a question."""
    today = now.astimezone(ZONE).date()
    days = [today - timedelta(days=before) for before in range(DAYS, -1, -1)]
    all_postings = [each for each in postings(days) if each.moment < now]
    newest = ""
    for start in range(0, len(all_postings), BATCH):
        batch = [
            {"idempotency_key": each.key, **each.request()}
            for each in all_postings[start : start + BATCH]
        ]
        sent = client.request("POST", "/v1/entries/batch", {"entries": batch})
        newest = sent["results"][-1]["entry"]["id"]
    for slug, name in CATEGORIES.items():
        client.request("PUT", f"/v1/categories/{slug}", {"name": name})
    _wait_for(client, today, newest)
    for day in days[-1 - CLOSED_DAYS : -1]:
        _close(aws_endpoint, day)
    late = all_postings[-1].request() | _late(days[-3])
    newest = client.request("POST", "/v1/entries", late, "screenshots-late")["id"]
    _wait_for(client, today, newest)
    return bank_file(*_known(all_postings, days[-2]), days[-2])


def _late(day: date) -> dict[str, Any]:
    return {
        "type": "debit",
        "amount": "43.90",
        "account": "main",
        "category": "suppliers",
        "description": f"Nota esquecida de {day:%d/%m}",
        "occurred_at": f"{day}T15:00:00-03:00",
    }


def _known(all_postings: list[Posting], day: date) -> tuple[Posting, int]:
    of_bank = [each for each in all_postings if each.account == "bank"]
    known = next(each for each in of_bank if each.moment.date() == day)
    return known, sum(_effects(each for each in of_bank if each.moment.date() <= day))


def _effects(of_bank: Iterator[Posting]) -> Iterator[int]:
    for posting in of_bank:
        yield posting.cents if posting.type == "credit" else -posting.cents


def _wait_for(client: ApiClient, day: date, entry_id: str) -> None:
    while not _is_complete(client, day, entry_id):
        pass  # each request waits on the server for some seconds


def _is_complete(client: ApiClient, day: date, entry_id: str) -> bool:
    balance = client.request("GET", f"/v1/daily-balances/{day}?after={entry_id}")
    return bool(balance["freshness"]["complete"])


def _close(aws_endpoint: str, day: date) -> None:
    result = close_day(aws_endpoint, str(day))
    if result.status != "SUCCEEDED":
        raise VerificationError(f"{day} could not be closed: {result.output}")

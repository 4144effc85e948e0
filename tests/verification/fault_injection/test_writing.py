"""Who writes holds each answer against what was sent, whatever the service says of it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from local.paths import Paths
from verification.fault_injection.book import Book
from verification.fault_injection.consumer import Consumer
from verification.fault_injection.writing import Writer
from verification.kit.api_client import Response
from verification.load.writes import Writes
from verification.local_cluster import Laptop

Wrong = Callable[[dict[str, Any]], dict[str, Any]]
BEHIND = timedelta(hours=3)


class Service(Consumer):
    """Answers as the service does, apart from a mistake."""

    def __init__(self, wrong: Wrong) -> None:
        super().__init__(Laptop(Paths(Path("none")), Path("none")), "operator", "padaria")
        self.wrong = wrong
        self.held: dict[str, dict[str, Any]] = {}

    def post(self, path: str, body: Any, key: str | None = None) -> Response:
        if path.endswith("/batch"):
            result = [
                self.entry(dict(entry), entry["idempotency_key"]) for entry in body["entries"]
            ]
            results = [{"status": 201, "entry": one} for one in result]
            return Response(200, {}, json.dumps({"results": results}))
        if path.endswith("/reversal"):
            original = self.held[path.split("/")[3]]
            opposite = {"credit": "debit", "debit": "credit"}[original["type"]]
            now = {"type": opposite, "occurred_at": f"{datetime.now(UTC).isoformat()}"}
            more = {"description": body["reason"], "reverses": original["id"]}
            return Response(201, {}, json.dumps(self.entry(original | now | more, f"{key}")))
        headers = {"idempotent-replayed": "true"} if f"id-{key}" in self.held else {}
        return Response(201, headers, json.dumps(self.entry(body, f"{key}")))

    def entry(self, body: dict[str, Any], key: str) -> dict[str, Any]:
        day = (datetime.fromisoformat(body["occurred_at"]).astimezone(UTC) - BEHIND).date()
        result = (
            {"currency": "BRL", "reverses": None}
            | body
            | {"id": f"id-{key}", "day": day.isoformat()}
        )
        return self.held.setdefault(result["id"], self.wrong(result))


def sound(told: dict[str, Any]) -> dict[str, Any]:
    return told


def tens_of_cents(told: dict[str, Any]) -> dict[str, Any]:
    return told | {"amount": told["amount"][:-1] + "0"}


def days_of_utc(told: dict[str, Any]) -> dict[str, Any]:
    moment = datetime.fromisoformat(told["occurred_at"]).astimezone(UTC)
    return told | {"day": moment.date().isoformat()}


def reversals_of_the_same_type(told: dict[str, Any]) -> dict[str, Any]:
    other = {"credit": "debit", "debit": "credit"}[told["type"]]
    return told | {"type": other} if told["reverses"] else told


def written(wrong: Wrong) -> list[str]:
    """Return the contradictions of a day's writing."""
    book = Book()
    writer = Writer(Service(wrong), book, "seed", keys="key")
    for _ in range(6):
        writer.write(50)
    assert writer.reversals and writer.replays
    return book.contradictions


def test_a_sound_service_contradicts_nothing() -> None:
    assert not written(sound)


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        (tens_of_cents, "amount must be"),
        (days_of_utc, "day must be"),
        (reversals_of_the_same_type, "type must be"),
    ],
)
def test_a_drill_finds_a_service_out_that_agrees_with_itself_alone(wrong: Wrong, what: str) -> None:
    result = written(wrong)
    assert result and all(what in one for one in result)


def test_merchants_use_the_same_keys_so_a_service_that_mixes_them_up_is_found_out() -> None:
    book, mixing = Book(), Service(sound)
    Writer(mixing, book, "one", keys="key").write(3)
    mixing.merchant = "rival"
    Writer(mixing, book, "another", keys="key").write(3)
    assert any("answered in two ways" in contradiction for contradiction in book.contradictions)


@pytest.mark.parametrize(("wrong", "is_found"), [(sound, False), (tens_of_cents, True)])
def test_a_load_finds_it_out_too(wrong: Wrong, is_found: bool) -> None:
    book, service = Book(), Service(wrong)
    writes = Writes(book, "padaria", "load")
    ask = writes.by(lambda body, key: service.post("/v1/entries", body, key).json)
    assert all(map(ask, range(20)))
    nobody = writes.by(lambda _body, _key: None)
    assert not nobody(20)
    assert writes.settle(service) == 1
    assert len(book.entries) == 21
    assert bool(book.contradictions) == is_found

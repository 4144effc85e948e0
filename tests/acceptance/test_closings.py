"""Closings (fechamento): a day is sealed, restated, sealed again; and texts are erased."""

import json
import secrets
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.consumer import PATIENCE_SECONDS, Consumer, fresh_key

CHECKER = Path(__file__).parents[2] / "verify.py"
# Days of long ago that no other test, and hardly another run, records on.
LONG_AGO = datetime.now(UTC) - timedelta(days=500 + 2 * secrets.randbelow(600))
DAY = f"{LONG_AGO:%Y-%m-%d}"
CLOSED_ONCE = f"{LONG_AGO - timedelta(days=1):%Y-%m-%d}"


def close(accountant: Consumer, day: str = DAY) -> dict[str, Any]:
    """Start a day's consolidation, wait for its end and return it."""
    started = accountant.post("/v1/closings", {"day": day})
    assert started.status == 202, started.text
    end = time.monotonic() + 4 * PATIENCE_SECONDS
    while True:
        shown: dict[str, Any] = accountant.get(started.headers["location"]).json
        if shown.get("status") not in ("running", 404):  # it may not be known yet
            return shown
        assert time.monotonic() < end, shown
        time.sleep(0.2)


@pytest.fixture(scope="module")
def closed(operator: Consumer, accountant: Consumer) -> list[dict[str, Any]]:
    """Three entries of a day; it is closed after the second and after the third."""
    entries = []
    for count in (2, 1):
        for number in range(count):
            moment = f"{DAY}T12:00:00-03:00"
            entries.append(operator.record(occurred_at=moment, description=f"CPF {number}"))
            operator.wait_for(entries[-1])
        ended = close(accountant)
        assert (ended["status"], ended["merchants"], ended["closed"]) == ("succeeded", 1, 1)
    return entries


def versions(viewer: Consumer) -> list[dict[str, Any]]:
    """Return the day's versions, newest first."""
    items: list[dict[str, Any]] = viewer.get(f"/v1/closings/{DAY}").json["items"]
    return items


def test_a_closing_is_checked_offline_with_the_public_key_alone(
    operator: Consumer, accountant: Consumer, viewer: Consumer, tmp_path: Path
) -> None:
    entry = operator.record(occurred_at=f"{CLOSED_ONCE}T12:00:00-03:00")
    operator.wait_for(entry)
    close(accountant, CLOSED_ONCE)
    path = f"/v1/closings/{CLOSED_ONCE}"
    answers = {
        "keys": viewer.get("/v1/closings/public-keys").json,
        "closings": viewer.get(path).json,
        "leaves": viewer.get(f"{path}/1/leaves").json,
        "proof": viewer.get(f"{path}/proof?entry={entry['id']}").json,
    }
    since = answers["closings"]["items"][0]["sequence"]
    assert checker(tmp_path, answers, "--since", str(since)) == 0
    answers["leaves"]["items"][0]["amount"] = "2.00"
    assert checker(tmp_path, answers, "--since", str(since)) == 1


def checker(folder: Path, answers: dict[str, Any], *options: str) -> int:
    """Return what the checker makes of saved answers: 0 if all holds."""
    words = list(options)
    for name, answer in answers.items():
        (folder / f"{name}.json").write_text(json.dumps(answer))
        words += [f"--{name}", str(folder / f"{name}.json")]
    ran = subprocess.run([sys.executable, CHECKER, *words], capture_output=True, check=False)
    return ran.returncode


def test_a_late_entry_makes_the_next_version(
    viewer: Consumer, closed: list[dict[str, Any]]
) -> None:
    newest, before = versions(viewer)[:2]
    assert newest["version"] == before["version"] + 1
    assert newest["changes"]["added"] == [closed[-1]["id"]]
    assert newest["entries"] == before["entries"] + 1


def test_a_day_says_how_it_stands(
    viewer: Consumer, operator: Consumer, accountant: Consumer, closed: list[dict[str, Any]]
) -> None:
    path = f"/v1/daily-balances/{DAY}"
    version = versions(viewer)[0]["version"]
    assert viewer.get(path).json["status"] == "closed"
    late = operator.record(occurred_at=f"{DAY}T13:00:00-03:00")
    operator.wait_for(late)
    result = viewer.get(path).json
    assert (result["status"], result["version"]) == ("restated", version)
    assert close(accountant)["closed"] == 1
    result = viewer.get(path).json
    assert (result["status"], result["version"]) == ("closed", version + 1)


def test_a_day_that_has_not_changed_gets_no_new_version(
    viewer: Consumer, accountant: Consumer, closed: list[dict[str, Any]]
) -> None:
    before = versions(viewer)
    assert close(accountant)["closed"] == 0
    assert versions(viewer) == before


def test_the_same_request_is_the_same_consolidation(accountant: Consumer) -> None:
    key = fresh_key()
    first, again = (accountant.post("/v1/closings", {"day": DAY}, key) for _ in range(2))
    assert (first.status, again.status) == (202, 202)
    assert first.headers["location"] == again.headers["location"]
    assert again.headers["idempotent-replayed"] == "true"


def test_another_merchant_sees_none_of_it(
    rival: Consumer, accountant: Consumer, closed: list[dict[str, Any]]
) -> None:
    started = accountant.post("/v1/closings", {"day": DAY}).headers["location"]
    proof = f"/v1/closings/{DAY}/proof?entry={closed[0]['id']}"
    for path in (started, proof, f"/v1/closings/{DAY}/1/leaves"):
        assert rival.get(path).is_problem(404)


def test_today_cannot_be_closed(accountant: Consumer) -> None:
    for days in (1, 30):
        day = f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}"
        reply = accountant.post("/v1/closings", {"day": day})
        assert reply.is_problem(422)
        assert reply.faults == ["day"]


@pytest.mark.parametrize("user", ["viewer", "operator"])
def test_only_an_accountant_closes_and_erases(request: pytest.FixtureRequest, user: str) -> None:
    consumer: Consumer = request.getfixturevalue(user)
    assert consumer.post("/v1/closings", {"day": DAY}).is_problem(403)
    assert consumer.post(f"/v1/entries/{'a' * 32}/erasure", {}).is_problem(403)


def test_erased_texts_are_gone_everywhere_and_every_seal_still_holds(
    viewer: Consumer, accountant: Consumer, closed: list[dict[str, Any]]
) -> None:
    entry = closed[0]
    before = viewer.get(f"/v1/closings/{DAY}/proof?entry={entry['id']}").json
    assert accountant.post(f"/v1/entries/{entry['id']}/erasure", {}).status == 204
    assert viewer.get(f"/v1/entries/{entry['id']}").json == {**entry, "description": None}
    end = time.monotonic() + PATIENCE_SECONDS
    while entry["description"] in [
        item["description"]
        for item in viewer.get(f"/v1/entries?from={DAY}&to={DAY}&limit=200").json["items"]
        if item["id"] == entry["id"]
    ]:
        assert time.monotonic() < end, "the read model never forgot the texts"
        time.sleep(0.1)
    assert viewer.get(f"/v1/closings/{DAY}/proof?entry={entry['id']}").json == before

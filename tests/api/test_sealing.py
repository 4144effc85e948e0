"""A day is sealed, restated and sealed again by the whole service; then texts are erased."""

import json
import secrets
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import Api
from verification.kit.api_client import PROJECTION_SECONDS, ApiClient, fresh_key

CHECKER = Path(__file__).parents[2] / "verify.py"
# Days of long ago that no other test, and hardly another run, records on.
LONG_AGO = datetime.now(UTC) - timedelta(days=500 + 2 * secrets.randbelow(600))
DAY = f"{LONG_AGO:%Y-%m-%d}"
CLOSED_ONCE = f"{LONG_AGO - timedelta(days=1):%Y-%m-%d}"


def close(accountant: ApiClient, day: str = DAY) -> dict[str, Any]:
    """Start a day's consolidation, wait for its end and return it."""
    started = accountant.post("/v1/closings", {"day": day})
    assert started.status == 202, started.text
    end = time.monotonic() + 4 * PROJECTION_SECONDS
    while True:
        run: dict[str, Any] = accountant.get(started.headers["location"]).json
        if run.get("status") not in ("running", 404):  # it may not be known yet
            return run
        assert time.monotonic() < end, run
        time.sleep(0.2)


@pytest.fixture(scope="module")
def closed(http_api: Api) -> list[dict[str, Any]]:
    """Three entries of a day, which is closed after the second and after the third."""
    entries = []
    for count in (2, 1):
        for number in range(count):
            moment = f"{DAY}T12:00:00-03:00"
            entries.append(
                http_api.operator.record(occurred_at=moment, description=f"CPF {number}")
            )
            http_api.settle(entries[-1])
        run = close(http_api.accountant)
        assert (run["status"], run["merchants"], run["closed"]) == ("succeeded", 1, 1)
    return entries


def versions(api: Api) -> list[dict[str, Any]]:
    """Return the day's versions, newest first."""
    items: list[dict[str, Any]] = api.viewer.get(f"/v1/closings/{DAY}").json["items"]
    return items


def test_closing_is_verified_offline_by_public_key(http_api: Api, tmp_path: Path) -> None:
    viewer = http_api.viewer
    entry = http_api.operator.record(occurred_at=f"{CLOSED_ONCE}T12:00:00-03:00")
    http_api.settle(entry)
    close(http_api.accountant, CLOSED_ONCE)
    path = f"/v1/closings/{CLOSED_ONCE}"
    responses = {
        "keys": viewer.get("/v1/closings/public-keys").json,
        "closings": viewer.get(path).json,
        "leaves": viewer.get(f"{path}/1/leaves").json,
        "proof": viewer.get(f"{path}/proof?entry={entry['id']}").json,
    }
    since = str(responses["closings"]["items"][0]["sequence"])
    assert exit_code_of_checker(tmp_path, responses, "--since", since) == 0
    responses["leaves"]["items"][0]["amount"] = "2.00"
    assert exit_code_of_checker(tmp_path, responses, "--since", since) == 1


def exit_code_of_checker(folder: Path, responses: dict[str, Any], *options: str) -> int:
    words = list(options)
    for name, response in responses.items():
        (folder / f"{name}.json").write_text(json.dumps(response))
        words += [f"--{name}", str(folder / f"{name}.json")]
    ran = subprocess.run([sys.executable, CHECKER, *words], capture_output=True, check=False)
    return ran.returncode


def test_late_entry_makes_the_next_version(http_api: Api, closed: list[dict[str, Any]]) -> None:
    newest, previous = versions(http_api)[:2]
    assert newest["version"] == previous["version"] + 1
    assert newest["changes"]["added"] == [closed[-1]["id"]]
    assert newest["entries"] == previous["entries"] + 1


def test_balance_shows_the_status_of_its_day(http_api: Api, closed: list[dict[str, Any]]) -> None:
    path = f"/v1/daily-balances/{DAY}"
    version = versions(http_api)[0]["version"]
    assert http_api.viewer.get(path).json["status"] == "closed"
    http_api.settle(http_api.operator.record(occurred_at=f"{DAY}T13:00:00-03:00"))
    balance = http_api.viewer.get(path).json
    assert (balance["status"], balance["version"]) == ("restated", version)
    assert close(http_api.accountant)["closed"] == 1
    balance = http_api.viewer.get(path).json
    assert (balance["status"], balance["version"]) == ("closed", version + 1)


def test_unchanged_day_gets_no_new_version(http_api: Api, closed: list[dict[str, Any]]) -> None:
    before = versions(http_api)
    assert close(http_api.accountant)["closed"] == 0
    assert versions(http_api) == before


def test_same_request_is_the_same_consolidation(http_api: Api) -> None:
    key = fresh_key()
    first, again = (http_api.accountant.post("/v1/closings", {"day": DAY}, key) for _ in range(2))
    assert (first.status, again.status) == (202, 202)
    assert first.headers["location"] == again.headers["location"]
    assert again.headers["idempotent-replayed"] == "true"


def test_another_merchant_sees_no_closing(http_api: Api, closed: list[dict[str, Any]]) -> None:
    started = http_api.accountant.post("/v1/closings", {"day": DAY}).headers["location"]
    proof = f"/v1/closings/{DAY}/proof?entry={closed[0]['id']}"
    for path in (started, proof, f"/v1/closings/{DAY}/1/leaves"):
        assert http_api.rival.get(path).is_problem(404)


def test_erasure_removes_texts_and_keeps_seals(http_api: Api, closed: list[dict[str, Any]]) -> None:
    entry, viewer = closed[0], http_api.viewer
    proof = viewer.get(f"/v1/closings/{DAY}/proof?entry={entry['id']}").json
    path = f"/v1/entries/{entry['id']}"
    assert http_api.accountant.post(f"{path}/erasure", {}).status == 204
    assert viewer.get(path).json == {**entry, "description": None}
    end = time.monotonic() + PROJECTION_SECONDS
    while entry["description"] in [
        item["description"]
        for item in viewer.get(f"/v1/entries?from={DAY}&to={DAY}&limit=200").json["items"]
        if item["id"] == entry["id"]
    ]:
        assert time.monotonic() < end, "the read model still has the texts"
        time.sleep(0.1)
    assert viewer.get(f"/v1/closings/{DAY}/proof?entry={entry['id']}").json == proof

"""A day is sealed, restated and sealed again by the whole service; then texts are erased."""

import json
import secrets
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest

from tests.api.conftest import Api
from tests.local.processes import until
from verification.kit.api_client import ApiClient, fresh_key

CHECKER = Path(__file__).parents[2] / "verify.py"
# Days of long ago that no other test, and hardly another run, records on.
LONG_AGO = datetime.now(UTC) - timedelta(days=500 + 2 * secrets.randbelow(600))
DAY = f"{LONG_AGO:%Y-%m-%d}"
CLOSED_ONCE = f"{LONG_AGO - timedelta(days=1):%Y-%m-%d}"


def close(accountant: ApiClient, day: str = DAY, key: str = "") -> dict[str, Any]:
    """Start a day's consolidation, wait for its end and return it."""
    started = accountant.post("/v1/closings", {"day": day}, key)
    assert started.status == 202, started.text
    path = urljoin("/v1/closings", started.headers["location"])
    pending = ("running", 404)  # it may not be known yet
    assert until(lambda: accountant.get(path).json["status"] not in pending, 120)
    return dict(accountant.get(path).json)


@pytest.fixture(scope="module")
def closed(http_api: Api) -> list[dict[str, Any]]:
    """Three entries of a day, which is closed after the second and after the third."""
    entries = []
    for count in (2, 1):
        for _ in range(count):
            text, moment = f"CPF {secrets.token_hex(4)}", f"{DAY}T12:00:00-03:00"
            entry = http_api.operator.record(occurred_at=moment, description=text)
            http_api.settle(entry)
            entries.append(entry)
        run = close(http_api.accountant)
        assert (run["status"], run["merchants"], run["closed"]) == ("succeeded", 1, 1)
    return entries


def test_closing_is_verified_offline_by_public_key(http_api: Api, tmp_path: Path) -> None:
    entry = http_api.operator.record(occurred_at=f"{CLOSED_ONCE}T12:00:00-03:00")
    http_api.settle(entry)
    close(http_api.accountant, CLOSED_ONCE)
    day = f"/v1/closings/{CLOSED_ONCE}"
    paths = {
        "keys": "/v1/closings/public-keys",
        "closings": day,
        "leaves": f"{day}/1/leaves",
        "proof": f"{day}/proof?entry={entry['id']}",
        "head": "/v1/closings/head",
    }
    responses = {name: http_api.viewer.get(path).json for name, path in paths.items()}
    assert exit_code_of_checker(tmp_path, responses) == 0
    responses["leaves"]["items"][0]["amount"] = "2.00"
    assert exit_code_of_checker(tmp_path, responses) == 1


def exit_code_of_checker(folder: Path, responses: dict[str, Any]) -> int:
    words = ["--since", str(responses["closings"]["items"][0]["sequence"])]
    for name, response in responses.items():
        (folder / f"{name}.json").write_text(json.dumps(response))
        words += [f"--{name}", str(folder / f"{name}.json")]
    ran = subprocess.run([sys.executable, CHECKER, *words], capture_output=True, check=False)
    assert not ran.stderr, ran.stderr.decode()
    return ran.returncode


def test_late_entry_makes_the_next_version(http_api: Api, closed: list[dict[str, Any]]) -> None:
    newest, previous = http_api.viewer.get(f"/v1/closings/{DAY}").json["items"][:2]
    assert newest["version"] == previous["version"] + 1
    assert newest["changes"]["added"] == [closed[-1]["id"]]
    assert newest["entries"] == previous["entries"] + 1
    balance = http_api.viewer.get(f"/v1/daily-balances/{DAY}").json
    assert (balance["status"], balance["version"]) == ("closed", newest["version"])


def test_same_request_is_the_same_consolidation(
    http_api: Api, closed: list[dict[str, Any]]
) -> None:
    before, key = http_api.viewer.get(f"/v1/closings/{DAY}").json, fresh_key()
    run = close(http_api.accountant, key=key)
    assert run["closed"] == 0  # nothing has changed since
    assert http_api.viewer.get(f"/v1/closings/{DAY}").json == before
    again = http_api.accountant.post("/v1/closings", {"day": DAY}, key)
    assert (again.status, again.headers["idempotent-replayed"]) == (202, "true")
    assert again.headers["location"] == f"consolidations/{run['id']}"
    assert http_api.rival.get(f"/v1/consolidations/{run['id']}").is_problem(404)


def test_erasure_removes_texts_and_keeps_seals(http_api: Api, closed: list[dict[str, Any]]) -> None:
    entry, viewer = closed[0], http_api.viewer
    path, proof_path = f"/v1/entries/{entry['id']}", f"/v1/closings/{DAY}/proof?entry={entry['id']}"
    proof = viewer.get(proof_path).json
    assert http_api.accountant.post(f"{path}/erasure", {}).status == 204
    assert viewer.get(path).json == {**entry, "description": None}
    listed = f"/v1/entries?from={DAY}&to={DAY}&limit=200"
    assert until(lambda: entry["description"] not in viewer.get(listed).text)
    assert viewer.get(proof_path).json == proof

"""Closings and consolidations: versions, leaves, proofs, and starting a run."""

import base64
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.closing.run_summary import RunSummaries
from chalicelib.queries import wiring as queries_wiring
from chalicelib.runtime import clients
from chalicelib.runtime.wiring import reset
from chalicelib.storage.dynamodb_items import is_entry, stored_entry
from tests.api.conftest import Api, Deployed
from tests.fixtures.night import YESTERDAY, NightWorld
from tests.verify.book import pem, private_key
from verification.kit.api_client import ApiClient

DAY = f"/v1/closings/{YESTERDAY}"
HEAD = "/v1/closings/head"
TOMORROW = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}"


@pytest.fixture
def closed(deployed: Deployed, night_world: NightWorld) -> ApiClient:
    """Yesterday, closed with three entries and again with a fourth."""
    for count in (3, 1):
        for _ in range(count):
            deployed.client.record(
                amount="10.00",
                occurred_at=f"{YESTERDAY}T09:00:00-03:00",
                description="Pão",
                metadata={"order": "A-17"},
            )
        close_recorded(deployed, night_world)
    return deployed.client


def close_recorded(deployed: Deployed, night_world: NightWorld) -> None:
    """Close yesterday with everything that was recorded, whenever it is now."""
    deployed.project()
    entries = [stored_entry(item).entry for item in deployed.table.items() if is_entry(item)]
    night_world.ledger.entries = {entry.entry_id: entry for entry in entries}
    night_world.now = max(entry.recorded_at for entry in entries)
    assert night_world.close()["closed"] == 1


def test_versions_are_listed_newest_first(closed: ApiClient) -> None:
    response = closed.get(DAY)
    newest, first = response.json["items"]
    assert (newest["version"], first["version"]) == (2, 1)
    assert newest["balances"][0]["closing"] == "40.00"
    (added,) = newest["changes"]["added"]
    proof = closed.get(f"{DAY}/proof?entry={added}").json
    assert (proof["entry"], proof["leaf"]["amount"], proof["version"]) == (added, "10.00", 2)
    assert closed.get(DAY, if_none_match=response.headers["etag"]).status == 304


def test_head_is_the_newest_retained_closing(closed: ApiClient, night_world: NightWorld) -> None:
    assert closed.get(HEAD).is_problem(404)
    storage = clients.aws("s3")
    for content in (None, b"{}"):  # then somebody puts another version above each
        for name in night_world.bucket:
            body = night_world.bucket[name] if content is None else content
            storage.put_object(Bucket="seals", Key=name, Body=body)
        response, newest = closed.get(HEAD), closed.get(DAY).json["items"][0]
        names = ("merchant", "sequence", "day", "version", "root", "signature", "key_id")
        expected = {name: newest[name] for name in names}
        assert response.json == expected | {"public_key": pem(private_key())}
        assert (newest["sequence"], newest["version"]) == (2, 2)
    assert closed.get(HEAD, if_none_match=response.headers["etag"]).status == 304


def test_head_needs_the_bucket(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEAL_BUCKET", "no-such-bucket")
    reset()
    assert deployed.client.get(HEAD).is_problem(503)


def test_head_does_not_need_the_read_model(
    closed: ApiClient, night_world: NightWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, body in night_world.bucket.items():
        clients.aws("s3").put_object(Bucket="seals", Key=name, Body=body)
    assert queries_wiring.read_model().newest_sequence(night_world.merchant) == 2
    monkeypatch.setenv("DATABASE_PORT", "1")
    reset()
    assert closed.get(DAY).is_problem(503)
    assert closed.get(HEAD).json["sequence"] == 2


@pytest.mark.parametrize(
    "path",
    [
        *("closings/2020-01-01", "closings/2020-01-01/1/leaves"),
        *(f"closings/{YESTERDAY}/3/leaves", f"closings/{YESTERDAY}/proof?entry={'a' * 32}"),
        *(f"consolidations/{YESTERDAY}-{'a' * 32}", f"consolidations/{YESTERDAY}-0"),
        "consolidations/x",
    ],
)
def test_missing_closing_is_not_found(closed: ApiClient, path: str) -> None:
    assert closed.get(f"/v1/{path}").is_problem(404)


def test_versions_come_in_linked_pages(closed: ApiClient) -> None:
    whole = closed.get(DAY).json
    assert whole["next_cursor"] is None
    first = closed.get(f"{DAY}?limit=1")
    cursor = first.json["next_cursor"]
    assert first.headers["link"] == f'<?limit=1&cursor={cursor}>; rel="next"'
    second = closed.get(f"{DAY}?limit=1&cursor={cursor}")
    assert ("link" in second.headers, second.json["next_cursor"]) == (False, None)
    assert first.json["items"] + second.json["items"] == whole["items"]
    of_leaves = closed.get(f"{DAY}/2/leaves?limit=1").json["next_cursor"]
    for wrong in ("x", "", cursor[::-1], of_leaves):
        assert closed.get(f"{DAY}?cursor={wrong}").is_problem(400, "cursor")


def test_leaves_come_in_linked_pages(closed: ApiClient) -> None:
    first = closed.get(f"{DAY}/2/leaves?limit=3")
    cursor = first.json["next_cursor"]
    assert first.headers["link"] == f'<?limit=3&cursor={cursor}>; rel="next"'
    second = closed.get(f"{DAY}/2/leaves?limit=3&cursor={cursor}")
    assert "link" not in second.headers
    entries = [leaf["entry"] for leaf in first.json["items"] + second.json["items"]]
    assert entries == sorted(entries) and len(set(entries)) == 4
    known = {"day": f"{YESTERDAY}", "version": 2, "merchant": closed.merchant_id}
    assert known.items() <= second.json.items()
    assert closed.get(f"{DAY}/1/leaves?cursor=x").is_problem(400, "cursor")


def test_owner_opens_the_digests(closed: ApiClient) -> None:
    plain = closed.get(f"{DAY}/2/leaves").json["items"]
    assert not any("text" in leaf for leaf in plain)
    first, *others = closed.get(f"{DAY}/2/leaves?texts=true").json["items"]
    texts = [leaf.pop("text") for leaf in (first, *others)]
    assert [first, *others] == plain
    text = texts[0]
    assert (text["description"], text["metadata"]) == ("Pão", {"order": "A-17"})
    content = json.dumps(
        {"description": "Pão", "metadata": {"order": "A-17"}},
        sort_keys=True,
        separators=(",", ":"),
    )
    digest = hmac.digest(text["salt"].encode(), content.encode(), "sha256")
    sealed = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    assert sealed == first["text_digest"]
    erasure = closed.request(
        "POST", f"/v1/entries/{first['entry']}/erasure", {"idempotency_key": "erase"}
    )
    assert erasure.status == 204, erasure.text
    erased, *rest = closed.get(f"{DAY}/2/leaves?texts=true").json["items"]
    assert erased == {**plain[0], "text": None}
    assert [leaf["text"] for leaf in rest] == texts[1:]


def test_page_with_longest_texts_fits_lambda(deployed: Deployed, night_world: NightWorld) -> None:
    texts = {
        "description": "🥖" * 200,
        "metadata": {f"{number:02}" + "🥖" * 38: "🥖" * 200 for number in range(20)},
    }
    entry = {"type": "credit", "amount": "1.00", "occurred_at": f"{YESTERDAY}T09:00:00-03:00"}
    for batch in range(6):
        items = [{"idempotency_key": f"{batch}-{n}", **entry, **texts} for n in range(10)]
        content = json.dumps({"entries": items}, ensure_ascii=False).encode()
        results = deployed.client.post("/v1/entries/batch", content).json["results"]
        assert [result["status"] for result in results] == [201] * 10
    close_recorded(deployed, night_world)
    page = deployed.client.get(f"{DAY}/1/leaves?texts=true&limit=200")
    assert len(page.json["items"]) == 50
    # The runtime of Python 3.11 writes a response with escapes of all characters outside ASCII.
    assert 3_000_000 < len(json.dumps(page.text)) < 6_291_556
    cursor = page.json["next_cursor"]
    last = deployed.client.get(f"{DAY}/1/leaves?texts=true&limit=200&cursor={cursor}").json
    assert (len(last["items"]), last["next_cursor"]) == (10, None)


def test_no_salt_is_stored_or_proven(closed: ApiClient, night_world: NightWorld) -> None:
    leaves = closed.get(f"{DAY}/2/leaves?texts=true").json["items"]
    salts = {leaf["text"]["salt"] for leaf in leaves}
    assert len(salts) == 4
    shown = closed.get(f"{DAY}/proof?entry={leaves[0]['entry']}").text
    stored = b"".join(night_world.bucket.values()).decode()
    tables = ("closings", "entries", "closing_subtrees", "sealed_entries")
    rows = str([night_world.rows(table) for table in tables])
    for text in (shown, stored, rows, closed.get(DAY).text):
        assert not any(salt in text for salt in salts)


def test_altered_texts_are_an_error(closed: ApiClient, deployed: Deployed) -> None:
    (entry_id, *_) = [leaf["entry"] for leaf in closed.get(f"{DAY}/1/leaves").json["items"]]
    (item,) = [item for item in deployed.table.items() if item["entry_id"]["S"] == entry_id]
    deployed.table.put({**item, "description": {"S": "Outro"}})
    response = closed.get(f"{DAY}/1/leaves?texts=true")
    assert response.is_problem(409)
    assert response.json["type"] == "urn:problem-type:livro-caixa:texts-differ"
    assert entry_id in response.json["detail"]
    assert closed.get(f"{DAY}/1/leaves").status == 200
    assert closed.get(f"{DAY}/1/leaves?texts=yes").is_problem(400, "texts")


def test_altered_leaves_are_not_shown(closed: ApiClient, night_world: NightWorld) -> None:
    entry_id = closed.get(f"{DAY}/1/leaves").json["items"][0]["entry"]
    altered = "UPDATE entries SET amount_minor = 1 WHERE entry_id = :entry_id"
    night_world.corrupt(altered, entry_id=entry_id)
    for path in (f"proof?entry={entry_id}", "1/leaves", "2/leaves?limit=1"):
        response = closed.get(f"{DAY}/{path}")
        assert (response.status, response.headers["retry-after"]) == (503, "3600")
        assert "differs from the sealed closing" in response.json["detail"]


@pytest.mark.parametrize("day", ["2999-01-01", TOMORROW, "yesterday", 5, None])
def test_day_that_is_not_over_is_rejected(api: Api, day: Any) -> None:
    assert api.accountant.post("/v1/closings", {"day": day}).is_problem(422, "day")


def test_forgotten_run_is_still_readable(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Step Functions forgets a run 90 days after its end."""
    started = deployed.client.post("/v1/closings", {"day": f"{YESTERDAY}"})
    run_id = started.json["id"]
    path = f"/v1/consolidations/{run_id}"
    assert deployed.client.get(path).json["status"] in ("running", "succeeded")
    monkeypatch.setattr(queries_wiring, "describe_consolidation", lambda: lambda _name: None)
    summary = {"merchants": 1, "closed": 2, "repaired": 0, "failed": 0}
    ended = {"succeeded": True, "stopped_at": "2026-11-23T15:01:00.000Z"}
    RunSummaries(deployed.table.client, deployed.table.name).store(run_id, summary | ended)
    run = deployed.client.get(path).json
    assert run.pop("started_at").endswith("Z")
    stopped_at = {"stopped_at": ended["stopped_at"]}
    assert run == {"id": run_id, "status": "succeeded", **stopped_at, **summary}

"""A currency that ISO 4217 withdraws: what is recorded in it stays usable in every way."""

from datetime import UTC, datetime

import pytest

from chalicelib.ledger import currencies
from chalicelib.storage.dynamodb_items import is_entry, stored_entry
from tests.api.conftest import Deployed
from tests.fixtures.night import NightWorld
from verification.kit.reference_model import business_day

SALE = {"type": "credit", "amount": "150000", "currency": "PYG"}


def test_withdrawal_only_stops_new_entries(
    deployed: Deployed, night_world: NightWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = deployed.client
    sold, other = (client.post("/v1/entries", SALE, key).json for key in ("k1", "k2"))
    monkeypatch.setitem(currencies.WITHDRAWN, "PYG", "2026-01")
    refused = client.post("/v1/entries", SALE)
    assert refused.is_problem(422, "currency")
    assert "accepted for days up to 2026-01-31" in refused.json["errors"][0]["message"]
    replay = client.post("/v1/entries", SALE, "k1")
    assert (replay.status, replay.json) == (201, sold)

    undone = client.post(f"/v1/entries/{other['id']}/reversal", {"reason": "x"})
    assert (undone.status, undone.json["amount"], undone.json["type"]) == (201, "150000", "debit")
    assert client.get(f"/v1/entries/{other['id']}").json["reversed_by"] == undone.json["id"]
    assert client.post(f"/v1/entries/{sold['id']}/erasure", b"", "e").status == 204
    deployed.project()
    assert len(client.get("/v1/entries?currency=PYG").json["items"]) == 3
    today = business_day(datetime.now(UTC))
    balance = client.get(f"/v1/daily-balances/{today}?currency=PYG").json
    assert (balance["credits"], balance["closing"]) == ("300000", "150000")
    flow = client.get(f"/v1/cash-flow?from={today}&to={today}&by=day&group=none&currency=PYG").json
    assert flow["items"][0]["net"] == "150000"

    entries = [stored_entry(item).entry for item in deployed.table.items() if is_entry(item)]
    night_world.ledger.entries = {entry.entry_id: entry for entry in entries}
    night_world.now = max(entry.recorded_at for entry in entries)
    assert night_world.close(today)["closed"] == 1
    proof = client.get(f"/v1/closings/{today}/proof?entry={sold['id']}").json
    assert (proof["leaf"]["amount"], proof["leaf"]["currency"]) == ("150000", "PYG")


@pytest.mark.parametrize("body", [{"amount": "1"}, {"amount": "1.00", "type": "x"}])
def test_withdrawn_currency_is_named_beside_other_errors(
    deployed: Deployed, body: dict[str, str]
) -> None:
    refused = deployed.client.post("/v1/entries", {**SALE, "currency": "HRK", **body})
    other = "type" if "type" in body else "amount"
    assert refused.is_problem(422, other, "currency")

"""The tasks of the state machine, over the ports of a test."""

from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.closing import tasks, wiring
from tests.fixtures.night import NightWorld, port


def test_tasks_close_a_merchants_day(
    night_world: NightWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    ports, merchant = night_world.ports(), night_world.merchant
    night_world.sell("a")
    monkeypatch.setattr(wiring, "read_model", lambda: ports.read_model)
    monkeypatch.setattr(wiring, "ledger", lambda: ports.ledger)
    monkeypatch.setattr(wiring, "ports", lambda _repair: ports)
    stored: list[dict[str, Any]] = []
    summaries = port(store=lambda run, summary: stored.append({"run": run, **summary}))
    monkeypatch.setattr(wiring, "run_summaries", lambda: summaries)
    event = {"day": "2026-11-22", "merchant_id": merchant, "execution": f"{merchant}-7"}
    assert tasks.await_projection(event) == {"caught_up": True}
    assert tasks.plan_consolidation(event) == {"ranges": [{"merchant": merchant}]}
    progress = {"next_after": None, "merchants": 4, "closed": 3, "repaired": 2, "failed": 1}
    sent = {**progress, "unknown": 9}  # as another version of the state machine may send
    part = {"range": {"merchant": merchant}, "progress": sent}
    outcome = tasks.consolidate_range({**event, **part}, ports.repair)
    assert outcome == {**progress, "merchants": 5, "closed": 4}
    outcomes = [{**outcome, "error": None}, {"merchants": 1, "failed": 2, "error": "Broken"}]
    summary = {"merchants": 6, "closed": 1, "repaired": 0, "failed": 3, "failed_ranges": 1}
    summed = tasks.summarize_consolidation({**event, "outcomes": outcomes})
    assert summed == {"day": "2026-11-22", **summary}
    (summed_up,) = stored
    assert datetime.fromisoformat(summed_up.pop("stopped_at")) <= datetime.now(UTC)
    assert summed_up == {"run": f"{merchant}-7", "succeeded": False, **summary}
    tasks.summarize_consolidation({**event, "merchant_id": None, "outcomes": outcomes})
    assert len(stored) == 1

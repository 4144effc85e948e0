"""The tasks of the state machine, over the ports of a test."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.closing import tasks, wiring
from chalicelib.runtime import settings
from tests.fixtures.night import NightWorld, port, sale

COUNTS = {"merchants": 0, "closed": 0, "repaired": 0, "failed": 0}


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
    name = f"2026-11-22-{merchant}"
    event = {"day": "2026-11-22", "merchant_id": merchant, "execution": name}
    event |= {"started_by": "joana", "began_at": "2026-11-23T03:10:00.250Z"}
    assert tasks.await_projection(event) == {"caught_up": True, "complete": True, "rejection": None}
    assert tasks.plan_consolidation(event) == {"ranges": [{"merchant": merchant}], "sweeps": []}
    progress = {"next_after": None, "merchants": 4, "closed": 3, "repaired": 2, "failed": 1}
    sent = {**progress, "unknown": 9}  # as another version of the state machine may send
    part = {"range": {"merchant": merchant}, "progress": sent}
    outcome = tasks.consolidate_range({**event, **part}, ports.repair)
    assert outcome == {**progress, "merchants": 5, "closed": 4}
    outcomes = [{**outcome, "error": None}, {"merchants": 1, "failed": 2, "error": "Broken"}]
    summary = {"merchants": 6, "closed": 1, "repaired": 0, "failed": 3, "failed_ranges": 1}
    sweeps = [{"failed": 2, "error": "Broken"}]
    summed = tasks.summarize_consolidation({**event, "outcomes": outcomes, "sweeps": sweeps})
    assert summed == {"day": "2026-11-22", **summary}
    (summed_up,) = stored
    assert datetime.fromisoformat(summed_up.pop("stopped_at")) <= datetime.now(UTC)
    began = "2026-11-23T03:10:00.250Z"
    assert summed_up == {"run": name, "succeeded": False, "started_at": began, **summary}
    tasks.summarize_consolidation({**event, "merchant_id": None, "outcomes": outcomes})
    assert len(stored) == 1


def test_first_task_rejects_a_running_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "current", lambda: settings.Settings({}))
    event = {"day": "2026-11-22", "merchant_id": None, "execution": "2026-11-22-0"}
    event |= {"started_by": "schedule", "began_at": "2026-11-23T02:59:59.999Z"}
    rejection = "Day 2026-11-22 is not over; it must be before today, 2026-11-22."
    expected = {"caught_up": False, "complete": False, "rejection": rejection}
    assert tasks.await_projection(event) == expected


def test_late_merchant_fails_after_the_wait(
    night_world: NightWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    ports, merchant, began = night_world.ports(), night_world.merchant, night_world.now
    night_world.record_unprojected(sale(merchant, "late", recorded=began - timedelta(minutes=9)))
    monkeypatch.setattr(wiring, "ports", lambda _repair: ports)
    event: dict[str, Any] = {"day": "2026-11-22", "execution": "2026-11-22-0"}
    event |= {"range": {"merchant": merchant}}
    event |= {"progress": {"next_after": None, **COUNTS}, "began_at": began.isoformat()}
    outcome = tasks.consolidate_range({**event, "caught_up": False}, ports.repair)
    assert outcome == {"next_after": None, **COUNTS, "merchants": 1, "failed": 1}


def test_run_of_all_merchants_counts_the_overdue_sweep(
    night_world: NightWorld, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(wiring, "read_model", lambda: night_world.read_model)
    event = {"day": "2026-11-25", "merchant_id": None, "execution": "2026-11-25-0"}
    tasks.summarize_consolidation({**event, "outcomes": []})
    lines = map(json.loads, capsys.readouterr().out.splitlines())
    (overdue,) = [line["SweepDaysOverdue"] for line in lines if "SweepDaysOverdue" in line]
    assert overdue == 3


def test_failed_range_of_one_merchant_counts(night_world: NightWorld) -> None:
    part = {"range": {"merchant": "padaria"}, "merchants": 0, "failed": 0, "error": "Broken"}
    summary = tasks.summarize(night_world.read_model, "run", [part])
    assert (summary["merchants"], summary["failed"], summary["failed_ranges"]) == (1, 1, 1)


def test_incomplete_read_model_stops_all_merchants(monkeypatch: pytest.MonkeyPatch) -> None:
    rebuilding = port(rebuild_status=lambda: (False, True), newest_projected=lambda *_: {})
    monkeypatch.setattr(wiring, "read_model", lambda: rebuilding)
    monkeypatch.setattr(wiring, "ledger", lambda: port(is_empty=lambda: False))
    monkeypatch.setattr(settings, "current", lambda: settings.Settings({}))
    event = {"day": "2026-11-22", "execution": "2026-11-22-0"}
    results = [tasks.await_projection({**event, "merchant_id": who}) for who in (None, "padaria")]
    assert [result["complete"] for result in results] == [False, True]
    assert [result["caught_up"] for result in results] == [False, True]

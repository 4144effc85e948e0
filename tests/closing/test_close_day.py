"""Closing days: each version once, chained, with its changes; none without a change."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.closing import draft
from chalicelib.closing.close_day import close_day
from chalicelib.closing.ports import SealedClosing
from chalicelib.closing.read_model import ClosingStore
from chalicelib.ledger.closings import Opening
from chalicelib.ledger.encoding import canonical_json
from chalicelib.ledger.entries import without_texts
from tests.closing.corruptions import checked
from tests.fixtures.night import YESTERDAY, NightWorld, port, sale
from tests.verify.book import pem, private_key

DAY_BEFORE = YESTERDAY - timedelta(days=1)


def amounts(closing: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Return each account's opening and closing balance."""
    return {line["account"]: (line["opening"], line["closing"]) for line in closing["balances"]}


def test_first_closing_is_version_1(night_world: NightWorld) -> None:
    night_world.sell("a")
    night_world.sell("b", minor=50, type="debit")
    result = night_world.close()
    (closing,) = night_world.closings()
    assert result == {"merchants": 1, "closed": 1, "repaired": 0, "failed": 0, "failed_ranges": 0}
    assert (closing["version"], closing["sequence"], closing["entries"]) == (1, 1, 2)
    assert (closing["previous_root"], closing["changes"], closing["repairs"]) == (None, None, 0)
    assert amounts(closing) == {"main": ("0.00", "0.50")}
    assert night_world.marked() == set()


def test_day_without_entries_is_not_closed(night_world: NightWorld) -> None:
    night_world.sell("a", DAY_BEFORE)
    assert night_world.close()["closed"] == 1
    assert (len(night_world.closings(DAY_BEFORE)), night_world.closings()) == (1, [])


def test_unchanged_day_gets_no_new_version(night_world: NightWorld) -> None:
    night_world.sell("a", description="Maria", metadata={"order": "A-17"})
    assert [night_world.close()["closed"] for _ in range(3)] == [1, 0, 0]
    assert len(night_world.closings()) == 1


def test_changed_days_are_closed_oldest_first(night_world: NightWorld) -> None:
    days = [YESTERDAY - timedelta(days=back) for back in (0, 400, 31, 1)]
    for day in days:
        night_world.sell(f"{day}", day)
    assert night_world.night()["closed"] == 4
    closings = [night_world.closings(day)[0] for day in sorted(days)]
    assert [closing["sequence"] for closing in closings] == [1, 2, 3, 4]
    openings = [amounts(closing)["main"][0] for closing in closings]
    assert openings == ["0.00", "1.00", "2.00", "3.00"]


def test_today_is_left_open(night_world: NightWorld) -> None:
    today = YESTERDAY + timedelta(days=1)
    night_world.sell("a", today)
    assert night_world.night()["closed"] == 0
    assert night_world.marked() == {today}


def test_late_entry_makes_version_2_with_differences(night_world: NightWorld) -> None:
    night_world.sell("a")
    night_world.sell("b", minor=30)
    night_world.close()
    late = night_world.sell("late", minor=25, type="debit", account="bank")
    assert night_world.marked() == {YESTERDAY}
    assert night_world.night()["closed"] == 1
    first, second = night_world.closings()
    assert (second["version"], second["sequence"]) == (2, 2)
    assert second["previous_root"] == first["root"]
    assert second["changes"]["added"] == [late.entry_id]
    (effect,) = second["changes"]["effect"]
    assert (effect["account"], effect["debits"], effect["closing"]) == ("bank", "0.25", "-0.25")
    assert night_world.marked() == set()


@pytest.mark.parametrize("version", [1, 2])
def test_entry_during_sealing_keeps_the_mark(night_world: NightWorld, version: int) -> None:
    for number in range(1, version):
        night_world.sell(f"before-{number}")
        night_world.close()
    night_world.sell("a")
    ports, late = night_world.ports(), sale(night_world.merchant, "late")

    def sign(digest: bytes) -> tuple[str, str]:
        night_world.record(late)
        return ports.signer.sign(digest)

    night_world.close(ports=replace(ports, signer=port(sign=sign)))
    assert night_world.marked() == {YESTERDAY}
    assert night_world.closings()[-1]["entries"] == version
    night_world.night()
    assert night_world.closings()[-1]["changes"]["added"] == [late.entry_id]
    assert night_world.marked() == set()


def test_only_newest_change_clears_the_mark(night_world: NightWorld) -> None:
    merchant, read_model = night_world.merchant, night_world.read_model
    change_ids, marked = [], []
    for key in ("a", "late"):
        night_world.sell(key)
        change_ids.append(read_model.day_state(merchant, YESTERDAY).change_id)
    for change_id in change_ids:
        assert change_id is not None
        read_model.clear_change(merchant, YESTERDAY, change_id)
        marked.append(night_world.marked())
    assert marked == [{YESTERDAY}, set()]


def test_version_1_remains_byte_for_byte(night_world: NightWorld, tmp_path: Path) -> None:
    first = (night_world.merchant, 1)
    night_world.sell("a")
    night_world.sell("b")
    night_world.close()
    (before,) = night_world.closings()
    stored = night_world.read_model.closing(first)
    night_world.sell("late")
    night_world.close()
    assert night_world.closings()[0] == before
    assert night_world.read_model.closing(first) == stored
    archived = night_world.bucket[f"closings/{night_world.merchant}/0000000001.json"]
    assert archived == canonical_json(before)
    assert checked(night_world, tmp_path) == 0


def test_lost_answer_makes_one_closing(night_world: NightWorld) -> None:
    class LosingAnswers(ClosingStore):
        def insert_closing(self, sealed: SealedClosing) -> bool:
            super().insert_closing(sealed)
            return super().insert_closing(sealed)  # sent again, as after a broken connection

    night_world.sell("a")
    ports = night_world.ports(read_model=LosingAnswers(night_world.connections))
    closed = close_day(ports, night_world.merchant, YESTERDAY, "run")
    assert closed.sealed is not None
    assert [closed.sealed.item] == night_world.closings()


def test_events_prove_what_was_closed(night_world: NightWorld, tmp_path: Path) -> None:
    night_world.sell("a")
    night_world.night()
    night_world.sell("late")
    night_world.night()
    for event, item in zip(night_world.events, night_world.closings(), strict=True):
        names = ("merchant", "day", "version", "sequence", "root", "entries", "repairs")
        expected = {name: item[name] for name in (*names, "signature", "key_id")}
        assert event == expected | {"public_key": pem(private_key())}
    assert checked(night_world, tmp_path, *night_world.events) == 0
    assert checked(night_world, tmp_path, {**night_world.events[0], "entries": 2}) == 1


def test_late_entry_restates_only_its_day(night_world: NightWorld) -> None:
    night_world.sell("a", DAY_BEFORE)
    night_world.sell("b")
    night_world.night()
    night_world.sell("late", DAY_BEFORE, minor=7)
    night_world.night()
    assert [len(night_world.closings(day)) for day in (DAY_BEFORE, YESTERDAY)] == [2, 1]
    assert amounts(night_world.closings()[0])["main"] == ("1.00", "2.00")


def test_openings_with_unsealed_parts_stay_valid(
    night_world: NightWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Earlier releases closed a day before earlier ones, and named what those did not hold."""
    night_world.sell("a", DAY_BEFORE, minor=40)
    night_world.sell("b")
    with monkeypatch.context() as earlier_release:
        old_rule = {("main", "BRL"): Opening(40, 40)}
        earlier_release.setattr(draft, "_openings", lambda _state: old_rule)
        earlier_release.setattr(night_world.ledger, "days_between", lambda *_: [])
        close_day(night_world.ports(), night_world.merchant, YESTERDAY, "old")
    night_world.sell("late")
    assert night_world.night()["closed"] == 2
    lines = [item["balances"][0] for item in night_world.closings()]
    assert [(line["opening"], line["unsealed"]) for line in lines] == [
        ("0.40", "0.40"),
        ("0.40", "0.00"),
    ]
    assert checked(night_world, tmp_path) == 0


def test_checker_accepts_a_month_of_nights(night_world: NightWorld, tmp_path: Path) -> None:
    for back in range(30, 0, -1):
        day = YESTERDAY - timedelta(days=back)
        night_world.sell(f"{back}-0", day, 1575)
        night_world.sell(f"{back}-1", day, 90, account="bank", currency="JPY")
        if back % 7 == 0:
            night_world.sell(f"late-{back}", day - timedelta(days=5), type="debit")
        assert night_world.night(day)["failed"] == 0
    assert checked(night_world, tmp_path) == 0


def test_erasure_changes_no_closing(night_world: NightWorld) -> None:
    sold = night_world.sell("a", description="Maria", metadata={"order": "A-17"})
    night_world.close()
    before = night_world.read_model.closing((night_world.merchant, 1))
    night_world.ledger.entries[sold.entry_id] = without_texts(sold)
    night_world.repairer.erase([sold.entry_id])
    result = night_world.close()
    assert (result["closed"], result["repaired"], result["failed"]) == (0, 0, 0)
    assert night_world.read_model.closing((night_world.merchant, 1)) == before

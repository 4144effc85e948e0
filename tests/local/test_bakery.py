"""The demo's entries: always the same, and with everything that a cash book contains."""

from datetime import date, time

from local.bakery import late_postings, postings, quarter_before, reversed_keys

DAYS = quarter_before(date(2026, 11, 23))


def test_quarter_is_last_three_calendar_months() -> None:
    assert (DAYS[0], DAYS[-1], len(DAYS)) == (date(2026, 8, 1), date(2026, 10, 31), 92)
    assert quarter_before(date(2026, 1, 31))[0] == date(2025, 10, 1)


def test_a_day_always_has_same_entries() -> None:
    assert list(postings(DAYS)) == list(postings(DAYS))
    september = quarter_before(date(2026, 12, 1))
    common = {posting.key: posting for posting in postings(DAYS)}.items() & {
        posting.key: posting for posting in postings(september)
    }.items()
    assert len(common) > 500


def test_entries_have_unique_keys_and_amounts() -> None:
    entries = [*postings(DAYS), *late_postings(DAYS)]
    assert len({posting.key for posting in entries}) == len(entries)
    assert all(posting.cents > 0 for posting in entries)
    assert entries[0].request()["amount"] == "8000.00"


def test_entries_cover_all_categories_and_late_hours() -> None:
    entries = list(postings(DAYS))
    assert {"cards", "pix", "suppliers", "wages", "sales"} <= {
        posting.category for posting in entries
    }
    assert any(posting.moment.time() == time(23, 30) for posting in entries)


def test_late_entries_and_reversals_exist() -> None:
    keys = {posting.key for posting in postings(DAYS)}
    assert set(reversed_keys(DAYS)) <= keys and len(reversed_keys(DAYS)) >= 3
    assert len(list(late_postings(DAYS))) >= 3

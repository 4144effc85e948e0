"""The demo's story: the same for everybody, and with everything that a cash book meets."""

from datetime import date, time

from local.bakery import late_postings, postings, quarter_before, reversed_keys

DAYS = quarter_before(date(2026, 11, 23))


def test_the_quarter_is_the_three_whole_months_before() -> None:
    assert (DAYS[0], DAYS[-1], len(DAYS)) == (date(2026, 8, 1), date(2026, 10, 31), 92)
    assert quarter_before(date(2026, 1, 31))[0] == date(2025, 10, 1)


def test_the_same_day_always_holds_the_same_entries() -> None:
    assert list(postings(DAYS)) == list(postings(DAYS))
    september = quarter_before(date(2026, 12, 1))
    common = {posting.key: posting for posting in postings(DAYS)}.items() & {
        one.key: one for one in postings(september)
    }.items()
    assert len(common) > 500


def test_every_entry_has_a_key_of_its_own_and_an_amount() -> None:
    story = [*postings(DAYS), *late_postings(DAYS)]
    assert len({one.key for one in story}) == len(story)
    assert all(one.cents > 0 for one in story)
    assert story[0].request()["amount"] == "8000.00"


def test_it_has_cards_pix_suppliers_wages_and_sales_late_at_night() -> None:
    story = list(postings(DAYS))
    assert {"cards", "pix", "suppliers", "wages", "sales"} <= {one.category for one in story}
    assert any(one.moment.time() == time(23, 30) for one in story)


def test_it_has_late_entries_and_reversals_of_entries_that_are_there() -> None:
    keys = {posting.key for posting in postings(DAYS)}
    assert set(reversed_keys(DAYS)) <= keys and len(reversed_keys(DAYS)) >= 3
    assert len(list(late_postings(DAYS))) >= 3

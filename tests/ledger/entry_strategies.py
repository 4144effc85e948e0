"""Entries of one day as the ledger may hold them, for properties."""

from datetime import UTC, date, datetime

from hypothesis import strategies as st

from chalicelib.ledger.currencies import MINOR_DIGITS
from chalicelib.ledger.entries import Entry

SLUGS = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=40)
ENTRY_IDS = st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=32, max_size=32)
DIGESTS = st.text("abcXYZ019-_", min_size=43, max_size=43)
OFFSETS = st.sampled_from(["Z", "z", "-03:00", "+05:45"])
MOMENTS = st.datetimes(datetime(2021, 1, 1), datetime(2031, 1, 1), timezones=st.just(UTC))


@st.composite
def entries(draw: st.DrawFn, day: date) -> Entry:
    """Draw one entry of the merchant padaria."""
    return Entry(
        entry_id=draw(ENTRY_IDS),
        merchant_id="padaria",
        type=draw(st.sampled_from(["credit", "debit"])),
        amount_minor=draw(st.integers(1, 10**15 - 1)),
        currency=draw(st.sampled_from(sorted(MINOR_DIGITS))),
        account=draw(SLUGS),
        day=day,
        occurred_at=f"{day}T14:05:00.{draw(st.integers(0, 10**9 - 1)):09d}{draw(OFFSETS)}",
        recorded_at=draw(MOMENTS),
        recorded_by="ana",
        text_digest=draw(DIGESTS),
        reverses=draw(st.none() | ENTRY_IDS),
    )


def entries_of_a_day(day: date) -> st.SearchStrategy[list[Entry]]:
    """Draw the entries of a day, each id once."""
    return st.lists(entries(day), max_size=12, unique_by=lambda entry: entry.entry_id)

"""Hypothesis strategies for amounts, texts, keys, moments, bodies, drafts and entries."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from chalicelib.ledger.currencies import MINOR_DIGITS
from chalicelib.ledger.entries import Entry, EntryDraft, entry_id
from chalicelib.ledger.instants import format_instant
from chalicelib.ledger.record import RecordingContext, make_entry
from chalicelib.ledger.text import clean_text

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
OTHER_ZONES = ("UTC", "Asia/Kolkata", "Pacific/Apia", "Australia/Lord_Howe")
ZONES = [SAO_PAULO, *map(ZoneInfo, OTHER_ZONES)]

currencies = st.sampled_from(sorted(MINOR_DIGITS))
amounts = st.integers(1, 10**15 - 1)
slugs = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=40)
keys = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=255)
texts = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=50).map(
    lambda text: clean_text(text, "text", 200)
)
metadata = st.dictionaries(texts.filter(bool), texts, max_size=5)
moments = st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=st.just(UTC))
entry_ids = st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=32, max_size=32)
recent_moments = st.datetimes(datetime(2021, 1, 1), datetime(2031, 1, 1), timezones=st.just(UTC))
digests = st.text("abcXYZ019-_", min_size=43, max_size=43)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
_FIELDS = ["type", "amount", "account", "description", "metadata", "reason", "occurred_at"]
bodies = st.dictionaries(st.sampled_from(_FIELDS), json_values)

drafts = st.builds(
    EntryDraft,
    type=st.sampled_from(["credit", "debit"]),
    amount_minor=amounts,
    currency=currencies,
    account=slugs,
    occurred_at=st.none() | moments.map(format_instant),
    description=st.none() | texts,
    category=st.none() | slugs,
    metadata=metadata,
)
receipts = st.builds(
    RecordingContext,
    merchant_id=slugs,
    recorded_by=st.text(min_size=1, max_size=20),
    now=moments,
    zone=st.just(SAO_PAULO),
    salt=st.text("abcdefghijklmnopqrstuvwxyz", min_size=22, max_size=22),
    origin=st.none() | st.just("Root=1-67891233-abcdef012345678912345678"),
)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    """Draw any entry, as it is recorded."""
    receipt = draw(receipts)
    reverses = draw(st.none() | keys.map(lambda key: entry_id("other", key)))
    return make_entry(draw(drafts), receipt, entry_id(receipt.merchant_id, draw(keys)), reverses)


def entries_of_a_day(day: date) -> st.SearchStrategy[list[Entry]]:
    """Draw a day's entries of the merchant padaria, each id once."""
    offsets = st.sampled_from(["Z", "z", "-03:00", "+05:45"])
    nanoseconds = st.integers(0, 10**9 - 1)
    entry = st.builds(
        Entry,
        entry_id=entry_ids,
        merchant_id=st.just("padaria"),
        type=st.sampled_from(["credit", "debit"]),
        amount_minor=amounts,
        currency=currencies,
        account=slugs,
        day=st.just(day),
        occurred_at=st.builds(f"{day}T14:05:00.{{:09d}}{{}}".format, nanoseconds, offsets),
        recorded_at=recent_moments,
        recorded_by=st.just("ana"),
        text_digest=digests,
        reverses=st.none() | entry_ids,
    )
    return st.lists(entry, max_size=12, unique_by=lambda entry: entry.entry_id)

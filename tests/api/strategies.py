"""Strategies for requests: entries around the ends of months, filters, moments."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.api.expected_book import Body, shown

ZONE = ZoneInfo("America/Sao_Paulo")
LAST_YEAR = datetime.now(ZONE).year - 1
# Around the ends of a year and of a month, where totals by month and year take over.
DAYS = [date(LAST_YEAR, 1, 1) + timedelta(days=number) for number in (-1, 0, 1, 30, 31)]
TEXTS = {"Pão de queijo": "PAO", "100% café": "0% C", "Fornecedor": "fornec"}
CURRENCIES = st.sampled_from(["BRL", "BRL", "BRL", "JPY", "BHD"])
ACCOUNTS = st.sampled_from(["main", "bank"])
CATEGORIES = st.sampled_from([None, "sales", "suppliers"])
MINOR = st.integers(1, 999) | st.integers(1, 10**15 - 1)
# The last moment of a business day in São Paulo is the next day in UTC.
MOMENTS = st.sampled_from(["T00:00:00-03:00", "T12:00:00-03:00", "T23:30:00-03:00"])
PICKS = st.integers(0, 10**6)


@st.composite
def sales(draw: st.DrawFn) -> Body:
    """Draw the body of an entry, recent or old."""
    currency, day = draw(CURRENCIES), draw(st.sampled_from([None, *DAYS]))
    moment = f"{day}{draw(MOMENTS)}"
    if day and draw(st.booleans()):
        moment = datetime.fromisoformat(moment).astimezone(UTC).isoformat()
    body = {
        "type": draw(st.sampled_from(["credit", "debit"])),
        "amount": shown(draw(MINOR), currency),
        "currency": currency,
        "account": draw(ACCOUNTS),
        "category": draw(CATEGORIES),
        "description": draw(st.sampled_from([None, *TEXTS])),
        "metadata": draw(st.sampled_from([{}, {"order": "A-17"}])),
    }
    return body | ({"occurred_at": moment} if day else {})


@st.composite
def filters(draw: st.DrawFn) -> dict[str, str]:
    """Draw the filters of a list."""
    names = {
        "from": st.sampled_from([f"{day}" for day in DAYS[:2]]),
        "to": st.sampled_from([f"{day}" for day in DAYS[2:]]),
        "type": st.sampled_from(["credit", "debit"]),
        "account": ACCOUNTS,
        "currency": CURRENCIES,
        "category": st.sampled_from(["sales", "suppliers"]),
        "q": st.sampled_from(list(TEXTS.values())),
    }
    request = draw(st.sets(st.sampled_from(list(names)), max_size=2))
    return {name: draw(names[name]) for name in sorted(request)}

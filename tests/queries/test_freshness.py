"""How recent a result is, and waiting for an entry to arrive."""

from chalicelib.queries.daily_balances import BalanceQuery, balances
from chalicelib.queries.freshness import Freshness, WaitPolicy
from tests.queries.book import DAY, Book
from verification.kit.generators import NOON, entries
from verification.kit.generators import entry as make_entry


def _freshness(
    book: Book, after: str | None = None, pauses: list[float] | None = None
) -> Freshness:
    """Return the freshness of a balance; `pauses` collects the seconds of each sleep."""
    slept = [] if pauses is None else pauses
    policy = WaitPolicy(clock=lambda: sum(slept), sleep=slept.append)
    return balances(
        book.read_model, BalanceQuery(book.merchant, DAY, DAY, None, "BRL", after), policy
    )[1]


def test_as_of_is_the_newest_recording(book: Book) -> None:
    assert _freshness(book) == Freshness(None, None)
    recorded = entries(41, 20, [book.merchant])
    book.insert(reversed(recorded))
    assert _freshness(book).as_of == recorded[-1].recorded_at


def test_an_included_entry_needs_no_wait(book: Book) -> None:
    pauses: list[float] = []
    assert _freshness(book, book.add().entry_id, pauses) == Freshness(NOON, complete=True)
    assert pauses == []


def test_a_missing_entry_is_awaited_two_seconds(book: Book) -> None:
    theirs = make_entry(f"{book.merchant}-rival", "one")
    book.insert([theirs])
    for entry_id in ("a" * 32, theirs.entry_id):
        pauses: list[float] = []
        assert _freshness(book, entry_id, pauses) == Freshness(None, complete=False)
        assert sum(pauses) == 2.0
        assert max(pauses) <= 0.2


def test_an_entry_may_arrive_during_the_wait(book: Book) -> None:
    entry = make_entry(book.merchant, "one", amount_minor=42)
    policy = WaitPolicy(sleep=lambda seconds: book.insert([entry]))
    query = BalanceQuery(book.merchant, DAY, DAY, None, "BRL", entry.entry_id)
    result, freshness = balances(book.read_model, query, policy)
    assert result[0].closing_minor == 42
    assert freshness.complete is True

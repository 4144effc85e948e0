"""Any story of entries, reversals, replays and lost answers: the ledger holds what a book would."""

from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.commands.get_entry import get_entry
from chalicelib.commands.ports import CommandPorts
from chalicelib.commands.record import RecordResult, record
from chalicelib.commands.reverse import reverse
from chalicelib.ledger.entries import entry_id, reversal_id_of
from chalicelib.ledger.errors import (
    AlreadyReversedError,
    IdempotencyKeyReusedError,
    LedgerUnavailableError,
    LivroCaixaError,
    NotFoundError,
    ReversalOfReversalError,
)
from chalicelib.ledger.principal import Principal
from tests.commands.examples import ports_over, reversal, sale
from tests.fixtures.ledger_table import LedgerTable, Twist, lost_answer, refusing, unreachable


@dataclass(frozen=True)
class Asked:
    """A request: an entry of an amount, or the reversal of what a key made, for a reason."""

    key: str
    said: str
    reverses_what_made: str | None = None
    twice: bool = False  # the reversal of the reversal


KEYS = st.sampled_from(["k1", "k2", "k3"])
RECORDS = st.builds(Asked, KEYS, st.sampled_from(["1.00", "2.00"]))
REVERSALS = st.builds(Asked, KEYS, st.sampled_from(["Erro", "Troca"]), KEYS, st.booleans())
FAULTS: st.SearchStrategy[Twist | None] = st.sampled_from(
    [None, None, None, lost_answer, unreachable, refusing("ThrottlingException")]
)
STORIES = st.lists(st.tuples(RECORDS | REVERSALS, FAULTS), max_size=25)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STORIES)
def test_any_story_ends_as_a_plain_book_has_it(
    ledger_table: LedgerTable, story: list[tuple[Asked, Twist | None]]
) -> None:
    ledger_table.empty()
    ports = ports_over(ledger_table, client=ledger_table.client_of_one_try())
    book = Book("padaria")
    for request, fault in story:
        _play(ports, ledger_table, book, request, fault)
    for one, reversed_by in book.entries().items():
        assert get_entry(ports, book.merchant_id, one).reversed_by == reversed_by
    there = ledger_table.items()
    entries = {item["entry_id"]["S"] for item in there if item["kind"] == {"S": "entry"}}
    assert entries == set(book.entries())


@dataclass
class Book:
    """What the ledger must hold of one merchant, as plain dictionaries."""

    merchant_id: str
    uses: dict[str, tuple[Asked, str]] = field(default_factory=dict)
    reverses: dict[str, str | None] = field(default_factory=dict)

    def expect(self, asked: Asked) -> type[LivroCaixaError] | str:
        """Return the id of the entry that a request gives, or the kind of its refusal."""
        if asked.key in self.uses:
            used_for, made = self.uses[asked.key]
            return made if used_for == asked else IdempotencyKeyReusedError
        target = self.target(asked)
        if target is None:
            return entry_id(self.merchant_id, asked.key)
        if target not in self.reverses:
            return NotFoundError
        if self.reverses[target] is not None:
            return ReversalOfReversalError
        return (
            AlreadyReversedError
            if reversal_id_of(target) in self.reverses
            else reversal_id_of(target)
        )

    def keep(self, asked: Asked, made: str) -> None:
        """Write down what a request has made."""
        if asked.key not in self.uses:
            self.uses[asked.key] = (asked, made)
            self.reverses[made] = self.target(asked)

    def target(self, asked: Asked) -> str | None:
        """Return the id of the entry to be reversed."""
        if asked.reverses_what_made is None:
            return None
        entry = entry_id(self.merchant_id, asked.reverses_what_made)
        return reversal_id_of(entry) if asked.twice else entry

    def entries(self) -> dict[str, str | None]:
        """Return each entry's id with that of its reversal."""
        undone = {target: one for one, target in self.reverses.items() if target is not None}
        return {one: undone.get(one) for one in self.reverses}


def _play(
    ports: CommandPorts, table: LedgerTable, book: Book, asked: Asked, fault: Twist | None
) -> None:
    expected = book.expect(asked)
    operation = "PutItem" if asked.reverses_what_made is None else "TransactWriteItems"
    calls = table.wire.calls.count(operation)
    if fault is not None:
        table.wire.twist(operation, fault)
    result = _send(ports, book, asked)
    reached = table.wire.calls.count(operation) > calls
    table.wire.straighten()
    if fault is not None and reached:
        assert isinstance(result, LedgerUnavailableError)
        if fault is lost_answer and isinstance(expected, str):
            book.keep(asked, expected)
    elif isinstance(expected, str):
        assert isinstance(result, RecordResult)
        assert (result.entry.entry_id, result.replayed) == (expected, asked.key in book.uses)
        book.keep(asked, expected)
    else:
        assert type(result) is expected


def _send(ports: CommandPorts, book: Book, asked: Asked) -> RecordResult | LivroCaixaError:
    principal, target = Principal(book.merchant_id, "joana"), book.target(asked)
    try:
        if target is None:
            return record(ports, principal, sale(asked.key, amount=asked.said))
        return reverse(ports, principal, reversal(target, asked.key, asked.said))
    except LivroCaixaError as error:
        return error

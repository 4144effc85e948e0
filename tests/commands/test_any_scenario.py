"""Random scenarios of entries, reversals, replays and lost responses, against a reference book."""

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
class Request:
    """A request to record an amount, or to reverse for a reason what an earlier key made."""

    key: str
    text: str
    reverses_what_made: str | None = None
    twice: bool = False  # the reversal of the reversal


KEYS = st.sampled_from(["k1", "k2", "k3"])
RECORDS = st.builds(Request, KEYS, st.sampled_from(["1.00", "2.00"]))
REVERSALS = st.builds(Request, KEYS, st.sampled_from(["Erro", "Troca"]), KEYS, st.booleans())
FAULTS: st.SearchStrategy[Twist | None] = st.sampled_from(
    [None, None, None, lost_answer, unreachable, refusing("ThrottlingException")]
)
SCENARIOS = st.lists(st.tuples(RECORDS | REVERSALS, FAULTS), max_size=25)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SCENARIOS)
def test_any_scenario_equals_the_reference_book(
    ledger_table: LedgerTable, scenario: list[tuple[Request, Twist | None]]
) -> None:
    ledger_table.empty()
    ports = ports_over(ledger_table, client=ledger_table.client_of_one_try())
    book = Book("padaria")
    for request, fault in scenario:
        _play(ports, ledger_table, book, request, fault)
    for recorded_id, reversed_by in book.entries().items():
        assert get_entry(ports, book.merchant_id, recorded_id).reversed_by == reversed_by
    entries = {
        item["entry_id"]["S"] for item in ledger_table.items() if item["kind"] == {"S": "entry"}
    }
    assert entries == set(book.entries())


@dataclass
class Book:
    """What the ledger must hold of one merchant, as plain dictionaries."""

    merchant_id: str
    uses: dict[str, tuple[Request, str]] = field(default_factory=dict)
    reverses: dict[str, str | None] = field(default_factory=dict)

    def expect(self, request: Request) -> type[LivroCaixaError] | str:
        """Return the id of the entry that a request must return, or the class of its error."""
        if request.key in self.uses:
            used_for, made = self.uses[request.key]
            return made if used_for == request else IdempotencyKeyReusedError
        target = self.target(request)
        if target is None:
            return entry_id(self.merchant_id, request.key)
        if target not in self.reverses:
            return NotFoundError
        if self.reverses[target] is not None:
            return ReversalOfReversalError
        return (
            AlreadyReversedError
            if reversal_id_of(target) in self.reverses
            else reversal_id_of(target)
        )

    def add(self, request: Request, made: str) -> None:
        """Add the entry that a request made."""
        if request.key not in self.uses:
            self.uses[request.key] = (request, made)
            self.reverses[made] = self.target(request)

    def target(self, request: Request) -> str | None:
        """Return the id of the entry to be reversed."""
        if request.reverses_what_made is None:
            return None
        entry = entry_id(self.merchant_id, request.reverses_what_made)
        return reversal_id_of(entry) if request.twice else entry

    def entries(self) -> dict[str, str | None]:
        """Return each entry's id with that of its reversal."""
        reversals = {target: made for made, target in self.reverses.items() if target is not None}
        return {made: reversals.get(made) for made in self.reverses}


def _play(
    ports: CommandPorts, table: LedgerTable, book: Book, request: Request, fault: Twist | None
) -> None:
    expected = book.expect(request)
    operation = "PutItem" if request.reverses_what_made is None else "TransactWriteItems"
    calls = table.wire.calls.count(operation)
    if fault is not None:
        table.wire.twist(operation, fault)
    result = _send(ports, book, request)
    reached = table.wire.calls.count(operation) > calls
    table.wire.straighten()
    if fault is not None and reached:
        assert isinstance(result, LedgerUnavailableError)
        if fault is lost_answer and isinstance(expected, str):
            book.add(request, expected)
    elif isinstance(expected, str):
        assert isinstance(result, RecordResult)
        assert (result.entry.entry_id, result.replayed) == (expected, request.key in book.uses)
        book.add(request, expected)
    else:
        assert type(result) is expected


def _send(ports: CommandPorts, book: Book, request: Request) -> RecordResult | LivroCaixaError:
    principal, target = Principal(book.merchant_id, "joana"), book.target(request)
    try:
        if target is None:
            return record(ports, principal, sale(request.key, amount=request.text))
        return reverse(ports, principal, reversal(target, request.key, request.text))
    except LivroCaixaError as error:
        return error

"""Random scenarios of entries, reversals, replays and lost responses, by the reference model."""

from dataclasses import dataclass
from datetime import date

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
from tests.commands.examples import PADARIA, ports_over, reversal, sale
from tests.fixtures.ledger_table import LedgerTable, Twist, lost_answer, refusing, unreachable
from verification.kit.reference_model import (
    ExpectedEntry,
    ExpectedRequest,
    ReferenceLedger,
    Rejection,
)

DAY = date(2026, 11, 23)
ERRORS = {
    Rejection.KEY_REUSED: IdempotencyKeyReusedError,
    Rejection.NOT_FOUND: NotFoundError,
    Rejection.ALREADY_REVERSED: AlreadyReversedError,
    Rejection.REVERSAL_OF_REVERSAL: ReversalOfReversalError,
}


@dataclass(frozen=True)
class Request:
    """A request to record an amount, or to reverse for a reason what an earlier key made."""

    key: str
    text: str
    reverses_what_made: str | None = None
    twice: bool = False  # the reversal of the reversal

    @property
    def target(self) -> str | None:
        """The id of the entry to be reversed."""
        if self.reverses_what_made is None:
            return None
        target = entry_id("padaria", self.reverses_what_made)
        return reversal_id_of(target) if self.twice else target

    def expected(self) -> ExpectedRequest:
        """Return the request as the reference model knows it."""
        recorded_id = reversal_id_of(self.target) if self.target else entry_id("padaria", self.key)
        kind = "debit" if self.target else "credit"
        entry = ExpectedEntry(
            recorded_id, "padaria", kind, 100, "BRL", "main", DAY, reverses=self.target
        )
        return ExpectedRequest(self.key, self, entry)


KEYS = st.sampled_from(["k1", "k2", "k3"])
RECORDS = st.builds(Request, KEYS, st.sampled_from(["1.00", "2.00"]))
REVERSALS = st.builds(Request, KEYS, st.sampled_from(["Erro", "Troca"]), KEYS, st.booleans())
FAULTS: st.SearchStrategy[Twist | None] = st.sampled_from(
    [None, None, None, lost_answer, unreachable, refusing("ThrottlingException")]
)
SCENARIOS = st.lists(st.tuples(RECORDS | REVERSALS, FAULTS), max_size=25)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SCENARIOS)
def test_any_scenario_equals_the_reference_model(
    ledger_table: LedgerTable, scenario: list[tuple[Request, Twist | None]]
) -> None:
    ledger_table.empty()
    ports = ports_over(ledger_table, client=ledger_table.client_of_one_try())
    ledger = ReferenceLedger()
    for request, fault in scenario:
        _play(ports, ledger_table, ledger, request, fault)
    for recorded_id in ledger.entries:
        reversed_by = get_entry(ports, "padaria", recorded_id).reversed_by
        assert reversed_by == ledger.reversed_by(recorded_id)
    entries = {
        item["entry_id"]["S"] for item in ledger_table.items() if item["kind"] == {"S": "entry"}
    }
    assert entries == set(ledger.entries)


def _play(
    ports: CommandPorts,
    table: LedgerTable,
    ledger: ReferenceLedger,
    request: Request,
    fault: Twist | None,
) -> None:
    expected = request.expected()
    outcome = ledger.outcome(expected)
    operation = "PutItem" if request.target is None else "TransactWriteItems"
    calls = table.wire.calls.count(operation)
    table.wire.twist(operation, *([fault] if fault else []))
    result = _send(ports, request)
    reached = table.wire.calls.count(operation) > calls
    table.wire.straighten()
    if fault is not None and reached:
        assert isinstance(result, LedgerUnavailableError)
        if fault is lost_answer and isinstance(outcome, str):
            ledger.accept(expected)
    elif isinstance(outcome, str):
        assert isinstance(result, RecordResult)
        is_replay = ledger.is_replay(expected)
        assert (result.entry.entry_id, result.replayed) == (outcome, is_replay)
        ledger.accept(expected)
    else:
        assert type(result) is ERRORS[outcome]


def _send(ports: CommandPorts, request: Request) -> RecordResult | LivroCaixaError:
    try:
        if request.target is None:
            return record(ports, PADARIA, sale(request.key, amount=request.text))
        return reverse(ports, PADARIA, reversal(request.target, request.key, request.text))
    except LivroCaixaError as error:
        return error

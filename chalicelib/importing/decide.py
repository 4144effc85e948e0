"""Decide about rows of a preview: all decisions of a request are stored, or none."""

from collections.abc import Sequence
from dataclasses import replace

from chalicelib.importing import import_statements
from chalicelib.importing.bank_import import OUTCOMES, BankImport, Decision
from chalicelib.importing.decisions import RowDecision, merged
from chalicelib.importing.ports import ImportPorts
from chalicelib.importing.preview_row import DECIDED_OUTCOMES
from chalicelib.importing.stored_imports import (
    DecidedRow,
    get_import,
    remember_decisions,
    replace_import,
)
from chalicelib.importing.stored_rows import (
    PreviewIndex,
    put_decisions,
    read_decisions,
    read_index,
)
from chalicelib.ledger.errors import (
    ConflictError,
    FieldError,
    ImportConflictError,
    LedgerUnavailableError,
    ValidationError,
)

_ATTEMPTS = 5
CLAIMED_ALREADY = (
    "must stay same, because the row has claimed the entry in a recording that stopped; to change "
    "it, record the import, undo it, and import the file again"
)


def decide(
    ports: ImportPorts, merchant_id: str, import_id: str, sent: Sequence[RowDecision]
) -> BankImport:
    """Return the import after decisions about some of its rows.

    Raises NotFoundError, ConflictError once the import is being recorded or its preview has
    expired, ValidationError naming each decision that is not valid, LedgerUnavailableError and
    ImportBucketUnavailableError.
    """
    for _ in range(_ATTEMPTS):
        before = get_import(ports.table, merchant_id, import_id)
        current = before.current
        if current.status != "preview":
            raise ImportConflictError(
                current.status,
                f"The import is {current.status}; decisions are made before it is recorded.",
            )
        index, decisions = preview_state(ports, current)
        offered = {row: open_row.candidates for row, open_row in index.open_rows.items()}
        decisions = merged(decisions, sent, offered)
        _check_claims(ports, merchant_id, import_id, index, sent)
        name = f"decisions-{before.version + 1}-{ports.nonce()}"
        put_decisions(ports.bucket, current.folder, name, decisions)
        new = replace(with_decisions(current, index, decisions), decisions=name)
        stored = replace_import(ports.table, merchant_id, before, new)
        if stored is not None:
            changed = {chosen.row: decisions[chosen.row] for chosen in sent}
            remember_decisions(ports.table, merchant_id, decided_rows(new, index, changed))
            return stored.current
    raise LedgerUnavailableError("The import is changing; send the same request again.")


def _check_claims(
    ports: ImportPorts,
    merchant_id: str,
    import_id: str,
    index: PreviewIndex,
    sent: Sequence[RowDecision],
) -> None:
    """Raise ValidationError for rows that have claimed an entry, and are now decided otherwise.

    A row has claimed its entry if a recording of this import began, and ended because another row
    had lost its claim.
    """
    identities = [index.open_rows[chosen.row].identity for chosen in sent]
    states = ports.ledger.recorded_rows(merchant_id, identities)
    errors = [
        FieldError(f"decisions.{place}.decision", CLAIMED_ALREADY)
        for place, (chosen, state) in enumerate(zip(sent, states, strict=True))
        if state is not None
        and (state.import_id, state.is_claim) == (import_id, True)
        and (chosen.kind, chosen.entry_id) != ("same", state.entry_id)
    ]
    if errors:
        raise ValidationError("The decisions are not valid, and none was stored.", errors)


def preview_state(
    ports: ImportPorts, current: BankImport
) -> tuple[PreviewIndex, dict[int, Decision]]:
    """Return the index and the decisions of a preview; raise ConflictError once it has expired."""
    index = read_index(ports.bucket, current.folder)
    decisions = read_decisions(ports.bucket, current.folder, current.decisions)
    if index is None or decisions is None or ports.clock() >= current.expires_at:
        raise expired()
    return index, decisions


def expired() -> ConflictError:
    """Return the error of a preview that was deleted before it was recorded."""
    return ImportConflictError(
        "expired", "The preview has expired after 30 days; import the file again."
    )


def with_decisions(
    current: BankImport, index: PreviewIndex, decisions: dict[int, Decision]
) -> BankImport:
    """Return a previewed import with the counts and the tie-outs that decisions make."""
    numbers = [index.outcomes.count(str(place)) for place in range(len(OUTCOMES))]
    for decision in decisions.values():
        numbers[OUTCOMES.index("needs_decision")] -= 1
        numbers[OUTCOMES.index(DECIDED_OUTCOMES[decision.kind])] += 1
    added = import_statements.with_decisions(index.created, index.open_rows, decisions)
    balances = import_statements.stored_balances(current)
    statements = import_statements.tied_out(current.statements, balances, index.books, added)
    return replace(current, counts=tuple(numbers), statements=statements)


def decided_rows(
    current: BankImport, index: PreviewIndex, decisions: dict[int, Decision]
) -> list[DecidedRow]:
    """Return the rows about which there are decisions."""
    result = []
    for row, decision in decisions.items():
        open_row = index.open_rows[row]
        facts = current.statements[open_row.statement]
        result.append(
            DecidedRow(facts.account, facts.currency, open_row.day, open_row.identity, decision)
        )
    return result

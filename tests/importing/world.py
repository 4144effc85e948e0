"""Everything that imports need, in memory, and kills at any of their effects."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from chalicelib.bank_files.csv_layout import ColumnMapping
from chalicelib.importing.bank_import import BankImport
from chalicelib.importing.create import ImportRequest, create
from chalicelib.importing.decide import decide
from chalicelib.importing.decisions import RowDecision
from chalicelib.importing.ports import ImportPorts
from chalicelib.importing.recording import record
from chalicelib.importing.rows import rows_after
from chalicelib.importing.stored_imports import newest_imports
from chalicelib.importing.undo import undo
from tests.importing.memory_book import JOANA, NOW, MemoryBook
from tests.importing.memory_stores import MemoryBucket, MemoryTable
from verification.kit.strategies import SAO_PAULO


class SimulatedKillError(BaseException):
    """The function was killed; nothing catches this."""


@dataclass
class World:
    """Everything that imports need, in memory."""

    book: MemoryBook = field(default_factory=MemoryBook)
    table: MemoryTable = field(default_factory=MemoryTable)
    bucket: MemoryBucket = field(default_factory=MemoryBucket)
    now: datetime = NOW
    numbers: int = 0

    def ports(self) -> ImportPorts:
        """Return the ports; each import gets a later time than the one before."""
        return ImportPorts(
            table=self.table,
            bucket=self.bucket,
            ledger=self.book,
            book=self.book,
            mapped_accounts=lambda _: {},
            categorizer=lambda _: lambda _row: None,
            clock=self._clock,
            nonce=self._nonce,
            zone=SAO_PAULO,
        )

    def preview(
        self,
        content: bytes | str,
        ports: ImportPorts | None = None,
        mapping: ColumnMapping | None = None,
    ) -> BankImport:
        """Preview a file for the account `bb`."""
        sent = content.encode() if isinstance(content, str) else content
        request = ImportRequest(sent, "bb", mapping=mapping)
        return create(
            ports or self.ports(), JOANA.merchant_id, request, None, lambda name: name
        ).created

    def record(self, stored: BankImport, ports: ImportPorts | None = None) -> BankImport:
        """Record an import to its end."""
        return record(ports or self.ports(), JOANA, stored.import_id, lambda: True)

    def start_recording(self, stored: BankImport) -> BankImport:
        """Begin to record an import, in a request that has no time for any row."""
        return record(self.ports(), JOANA, stored.import_id, lambda: False)

    def undo(self, stored: BankImport, ports: ImportPorts | None = None) -> BankImport:
        """Undo an import to its end."""
        return undo(ports or self.ports(), JOANA, stored.import_id, "wrong", lambda: True)

    def decide_same(self, stored: BankImport, row: int, ports: ImportPorts | None = None) -> None:
        """Decide that a row is its first candidate."""
        used = ports or self.ports()
        (shown,), _ = rows_after(used, JOANA.merchant_id, stored, row - 1, 1)
        entry = shown.row.candidates[0].entry_id
        decide(used, JOANA.merchant_id, stored.import_id, [RowDecision(row, "same", entry)])

    def imports(self) -> list[BankImport]:
        """Return all imports, newest first."""
        return newest_imports(self.table, JOANA.merchant_id, None, 10)

    def _clock(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now

    def _nonce(self) -> str:
        self.numbers += 1
        return f"nonce-{self.numbers}"


class Interruption:
    """Kills at the effect with this number: before it, or after it, when its result is lost."""

    def __init__(self, at: int = 0, after: bool = False) -> None:
        self._at = at
        self._after = after
        self.effects = 0

    def within(self, ports: ImportPorts) -> ImportPorts:
        """Return the ports with their effects counted."""
        table, bucket, ledger = (
            self._watched(port) for port in (ports.table, ports.bucket, ports.ledger)
        )
        return replace(ports, table=table, bucket=bucket, ledger=ledger)

    def _strike(self) -> None:
        raise SimulatedKillError

    def _watched(self, port: object) -> Any:
        names = [name for name in dir(port) if not name.startswith("_")]
        methods = {name: getattr(port, name) for name in names}
        return SimpleNamespace(
            **{n: self._watching(each) for n, each in methods.items() if callable(each)}
        )

    def _watching(self, effect: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*arguments: Any, **named: Any) -> Any:
            self.effects += 1
            is_here = self.effects == self._at
            if is_here and not self._after:
                self._strike()
            result = effect(*arguments, **named)
            if is_here and self._after:
                self._strike()
            return result

        return watched


class Delay(Interruption):
    """Others do something before an effect, or before its result is seen."""

    def __init__(self, meanwhile: Callable[[], object], at: int, after: bool) -> None:
        super().__init__(at, after)
        self._meanwhile = meanwhile

    def _strike(self) -> None:
        self._meanwhile()

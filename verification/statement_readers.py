"""Write a year's statements in every format, and read them with other people's programs.

Each program must find the balances of the reference model, to the cent: hledger and ledger check
the journal's assertions, ofxdump reads the OFX file, pdftotext the PDF, openpyxl the workbook.
Debian has the programs: `apt install hledger ledger ofx poppler-utils`.
"""

import csv
import io
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from chalicelib.ledger.balances import totals_by
from chalicelib.ledger.entries import Entry
from chalicelib.ledger.money import format_amount
from chalicelib.ledger.statement import Statement, StatementRows, build
from verification.commands import VerificationError, progress, run_command
from verification.kit.generators import Mix, entries
from verification.kit.reference_model import ExpectedBalance, ReferenceLedger

PROGRAMS = ("hledger", "ledger", "ofxdump", "pdftotext")
MERCHANT, ACCOUNTS = "padaria", ("main", "bank", "cash")
FIRST, LAST = date(2026, 1, 1), date(2026, 11, 23)
TEXTS = (
    "Pão & café",
    "=cmd|' /C calc'!A0",
    "+55 11",
    "@home",
    "-x",
    "Fornecedor; | <b>",
    "🍞",
    None,
)
MIX = Mix(
    currencies=("BRL", "BRL", "JPY"),
    accounts=ACCOUNTS,
    descriptions=TEXTS,
    amounts=lambda chance: chance.randrange(1, 500_000),
)


class Subject(NamedTuple):
    """A statement, and the balances of its days in the reference model."""

    statement: Statement
    expected: Sequence[ExpectedBalance]

    @property
    def closing(self) -> str:
        """The expected closing balance as a decimal string."""
        return format_amount(self.expected[-1].closing_minor, self.statement.currency)

    @property
    def days(self) -> list[str]:
        """The expected closing balance of each day."""
        currency = self.statement.currency
        return [format_amount(day.closing_minor, currency) for day in self.expected]


def main() -> int:
    """Write, read and compare; return 1 where a program finds another balance."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        raise VerificationError(
            f"{', '.join(missing)} must be installed: `apt install hledger ledger ofx "
            "poppler-utils` (Debian, Ubuntu)."
        )
    recorded = entries(12, 900, [MERCHANT], days=400, mix=MIX)
    progress(f"900 entries; {FIRST} to {LAST}, each account and all, BRL and JPY …")
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for account in (None, *ACCOUNTS):
            for currency in ("BRL", "JPY"):
                subject = make_subject(recorded, account, currency)
                for name, error in errors(subject, Path(folder)):
                    print(f"{account or 'all accounts'}, {currency}, {name}: {error}")
                    wrong += 1
    print(f"{wrong} differences in csv, xlsx, pdf, ofx and journal")
    return 1 if wrong else 0


def make_subject(recorded: Sequence[Entry], account: str | None, currency: str) -> Subject:
    """Return the statement of an account, or (None) of all, and what the model expects."""
    own = [e for e in recorded if e.currency == currency and account in (None, e.account)]
    listed = sorted(
        (entry for entry in own if FIRST <= entry.day <= LAST),
        key=lambda entry: (entry.day, entry.occurred_at, entry.recorded_at, entry.entry_id),
    )
    before = totals_by((e for e in own if e.day < FIRST), lambda entry: entry.account)
    rows = StatementRows(
        openings={name: totals.net_minor for name, totals in before.items()},
        entries=[(entry, None) for entry in listed],
        totals=totals_by(listed, lambda entry: entry.day),
        statuses={},
        seals={},
        as_of=None,
    )
    model = ReferenceLedger(list(recorded))
    expected = model.balances(MERCHANT, FIRST, LAST, account, currency)
    return Subject(build(rows, FIRST, LAST, account, currency), expected)


def errors(subject: Subject, folder: Path) -> Iterator[tuple[str, str]]:
    """Yield each format in which a program finds something else, and what it finds."""
    readers = [("csv", _csv), ("xlsx", _xlsx), ("pdf", _pdf), ("journal", _journal)]
    if subject.statement.account is not None:
        readers.append(("ofx", _ofx))
    for name, read in readers:
        for error in read(subject, folder):
            yield name, error


def _csv(subject: Subject, _folder: Path) -> Iterator[str]:
    from chalicelib.statements.csv_file import csv_file

    text = csv_file(subject.statement, "pt-BR").decode("utf-8-sig")
    rows = [row for row in csv.reader(io.StringIO(text), delimiter=";") if row[0] == "Saldo do dia"]
    if [row[8].replace(",", ".") for row in rows] != subject.days:
        yield "its balances of days differ"


def _xlsx(subject: Subject, _folder: Path) -> Iterator[str]:
    from openpyxl import load_workbook

    from chalicelib.statements.xlsx_file import xlsx_file

    book = load_workbook(io.BytesIO(xlsx_file(subject.statement, "pt-BR")))
    rows = book["Dias"].iter_rows(min_row=6, max_col=5, values_only=True)
    shown = [Decimal(str(row[4])) for row in rows if isinstance(row[0], date)]
    if shown != [Decimal(text) for text in subject.days]:
        yield "its balances of days differ"
    for sheet in book.worksheets:
        cells = (cell for row in sheet.iter_rows() for cell in row)
        if any(cell.data_type == "f" for cell in cells):
            yield f"{sheet.title} has a formula"


def _pdf(subject: Subject, folder: Path) -> Iterator[str]:
    from chalicelib.statements.labels import money_text
    from chalicelib.statements.pdf_file import pdf_file

    path = folder / "statement.pdf"
    path.write_bytes(pdf_file(subject.statement, "pt-BR"))
    text = _output("pdftotext", "-layout", path, "-")
    days = re.findall(
        r"^ *(\d\d/\d\d/\d{4}) +(\S+) +(\S+) +(\S+) +(\S+) +aberto", text, re.MULTILINE
    )
    currency = subject.statement.currency
    expected = [money_text(day.closing_minor, currency, "pt-BR") for day in subject.expected]
    if [day[4] for day in days] != expected:
        yield f"it shows {len(days)} days, or other balances"


def _journal(subject: Subject, folder: Path) -> Iterator[str]:
    from chalicelib.statements.journal_file import journal_file

    path = folder / "statement.journal"
    path.write_bytes(journal_file(subject.statement, "pt-BR"))
    for program in ("hledger", "ledger"):
        # Both end with an error where an assertion of the file is wrong.
        total = _output(program, "-f", path, "balance", "assets", "--depth", "1")
        shown = re.search(r"-?[\d.,]+", total)
        amount = shown[0].replace(",", "") if shown else "0"
        if Decimal(amount) != Decimal(subject.closing):
            yield f"{program} finds {amount} instead of {subject.closing}"


def _ofx(subject: Subject, folder: Path) -> Iterator[str]:
    from chalicelib.statements.ofx_file import ofx_file

    path = folder / "statement.ofx"
    path.write_bytes(ofx_file(subject.statement, "pt-BR"))
    text = _output("ofxdump", path)
    amounts = [Decimal(amount) for amount in re.findall(r"Total money amount: (\S+)", text)]
    net = sum(entry.entry.effect_minor for entry in subject.statement.entries)
    if sum(amounts) != Decimal(format_amount(net, subject.statement.currency)):
        yield f"ofxdump adds {len(amounts)} transactions up to {sum(amounts)}"
    ledger = re.search(r"Ledger balance: (\S+)", text)
    if ledger is None or Decimal(ledger[1]) != Decimal(subject.closing):
        yield f"ofxdump finds {ledger and ledger[1]} instead of {subject.closing}"


def _output(*command: object) -> str:
    ran = subprocess.run(
        [str(word) for word in command], capture_output=True, check=False, env={"LANG": "C.UTF-8"}
    )
    if ran.returncode != 0:
        raise VerificationError(f"{command[0]} failed: {ran.stderr.decode(errors='replace')}")
    return ran.stdout.decode(errors="replace")


if __name__ == "__main__":
    sys.exit(run_command(main, "nothing was compared."))

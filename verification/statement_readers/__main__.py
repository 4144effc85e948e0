"""Read a year's statements with other people's programs, and compare them with the API.

900 entries are recorded and read through the API as JSON, CSV, XLSX, PDF, OFX and journal, each
account and all, in two currencies. hledger, ledger, ofxdump, ofxtools, pdftotext, openpyxl and
LibreOffice must find the opening and closing balance, the sums and each day's balance that the API
and the reference model have, to the cent, every entry's day, amount and balance, and every text
unchanged. pdftotext also reads the cash book, with its terms, numbered sheets and seals.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import accumulate
from pathlib import Path

from chalicelib.ledger.entries import Entry
from chalicelib.ledger.money import format_amount
from verification.commands import progress, run_command
from verification.kit.reference_model import ReferenceLedger
from verification.statement_readers import libreoffice, pdf, readers
from verification.statement_readers.programs import PROGRAMS, check_installed
from verification.statement_readers.readers import Line, Reader, Reading
from verification.statement_readers.seeded_year import (
    ACCOUNTS,
    CURRENCIES,
    FIRST,
    LAST,
    MERCHANT,
    expected_texts,
    fetch,
    fetch_json,
    seeded_year,
)

READERS: Sequence[tuple[str, str, Reader]] = (
    ("csv", "Python", readers.read_csv),
    ("csv", "libreoffice", lambda path, _: readers.of_table(*libreoffice.opened(path).values())),
    ("xlsx", "libreoffice", lambda path, _: readers.of_sheets(libreoffice.opened(path))),
    ("xlsx", "openpyxl", readers.read_openpyxl),
    ("pdf", "pdftotext", pdf.read_pdf),
    ("book", "pdftotext", pdf.read_book),
    ("ofx", "ofxdump", readers.read_ofxdump),
    ("ofx", "ofxtools", readers.read_ofxtools),
    ("journal", "hledger", readers.read_hledger),
    ("journal", "ledger", readers.read_ledger),
)
FORMATS = tuple(dict.fromkeys(suffix for suffix, _, _ in READERS))


def main() -> int:
    """Record, read and compare; return 1 where a program finds something else."""
    arguments = _parser().parse_args()
    names = {"Python", *PROGRAMS} - set(arguments.without)
    check_installed(names)
    with tempfile.TemporaryDirectory() as folder:
        progress("recording 900 entries, and reading them as statements …")
        expected, model_errors = write_all(Path(folder))
        files = [path for path in Path(folder).iterdir() if path.is_file()]
        if "libreoffice" in names:
            progress("opening them in LibreOffice …")
            libreoffice.open_all(files, Path(folder))
        wrong = [*model_errors, *_compare(files, names, expected)]
    for line in wrong:
        print(line)
    left_out = f" without {', '.join(arguments.without)}" if arguments.without else ""
    print(
        f"{len(wrong)} differences in {len(files)} files, read by {len(names)} programs{left_out}"
    )
    return 1 if wrong else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m verification.statement_readers", description=__doc__
    )
    parser.add_argument("--without", nargs="+", choices=PROGRAMS, default=[], help="do not use")
    return parser


def write_all(folder: Path) -> tuple[dict[str, Reading], list[str]]:
    """Write each statement in each format; return what the API says, and the model's objections."""
    from verification.benchmarks.rounds import silence_logs

    expected, wrong = {}, []
    with seeded_year() as recorded, silence_logs():
        for account in (None, *ACCOUNTS):
            for currency in CURRENCIES:
                name = f"{account or 'all'}-{currency}"
                query = {"currency": currency} | ({"account": account} if account else {})
                body = fetch_json(query)
                expected[name] = readers.of_api(body)
                model = modelled(recorded, account, currency)
                texts = [expected_texts(recorded)[entry["id"]] or "" for entry in body["entries"]]
                model = model._replace(texts=texts, roots=expected[name].roots)
                wrong += [f"{name}, API: {error}" for error in errors(expected[name], model)]
                for suffix in FORMATS:
                    if _has(suffix, account, currency):
                        choice = {"book": "true"} if suffix == "book" else {"format": suffix}
                        (folder / f"{name}.{suffix}").write_bytes(fetch({**query, **choice}))
    return expected, wrong


def _has(suffix: str, account: str | None, currency: str) -> bool:
    """Return whether there is such a file: OFX has one account, the book all of them in BRL."""
    if suffix == "book":
        return (account, currency) == (None, "BRL")
    return suffix != "ofx" or account is not None


def modelled(recorded: Sequence[Entry], account: str | None, currency: str) -> Reading:
    """Return the balances of the reference model, and the entries in their order."""
    days = ReferenceLedger(recorded).balances(MERCHANT, FIRST, LAST, account, currency)

    def money(minor: int) -> Decimal:
        return Decimal(format_amount(minor, currency))

    sums = (
        days[0].opening_minor,
        sum(day.totals.credits_minor for day in days),
        sum(day.totals.debits_minor for day in days),
        days[-1].closing_minor,
    )
    closings = {day.day: money(day.closing_minor) for day in days}
    chosen = [
        entry
        for entry in sorted(recorded, key=_order)
        if FIRST <= entry.day <= LAST
        and entry.currency == currency
        and account in (None, entry.account)
    ]
    effects = [
        entry.amount_minor if entry.type == "credit" else -entry.amount_minor for entry in chosen
    ]
    after = list(accumulate(effects, initial=sums[0]))[1:]
    lines = [
        Line(entry.day, money(effect), money(balance_minor))
        for entry, effect, balance_minor in zip(chosen, effects, after, strict=True)
    ]
    return Reading(tuple(map(money, sums)), closings, lines=lines)


def _order(entry: Entry) -> tuple[date, datetime, datetime, str]:
    occurred = datetime.fromisoformat(entry.occurred_at)
    return entry.day, occurred, entry.recorded_at, entry.entry_id


def _compare(
    files: Sequence[Path], names: set[str], expected: Mapping[str, Reading]
) -> Iterator[str]:
    for path in sorted(files):
        for suffix, name, read in READERS:
            if name in names and path.suffix == f".{suffix}":
                try:
                    result = read(path, (FIRST, LAST))
                except (ValueError, TypeError) as error:
                    yield f"{path.name}, {name}: {error}"
                else:
                    for line in errors(result, expected[path.stem]):
                        yield f"{path.name}, {name}: {line}"


def errors(result: Reading, expected: Reading) -> Iterator[str]:
    """Yield how a reading differs from the expected one."""
    titles = ("opening balance", "credits", "debits", "closing balance")
    for title, amount, right in zip(titles, result.sums, expected.sums, strict=True):
        if amount != right:
            yield f"the {title} is {amount}, and must be {right}"
    if result.days != expected.days:
        wrong = [day for day in expected.days if result.days.get(day) != expected.days[day]]
        yield f"{len(wrong) or 'more'} of {len(expected.days)} days differ"
    if result.texts is not None and list(result.texts) != list(expected.texts or ()):
        yield "the texts differ"
    if result.lines is not None:
        yield from _wrong_lines(result.lines, expected.lines or ())
    if result.roots is not None and result.roots != expected.roots:
        yield "the roots of closed days differ"


def _wrong_lines(lines: Sequence[Line], expected: Sequence[Line]) -> Iterator[str]:
    if len(lines) != len(expected):
        yield f"{len(lines)} entries, and there must be {len(expected)}"
    wrong = [number for number, pair in enumerate(zip(lines, expected), 1) if pair[0] != pair[1]]  # noqa: B905
    if wrong:
        yield f"entries that differ: {len(wrong)}, the first is number {wrong[0]}"


if __name__ == "__main__":
    sys.exit(run_command(main, "nothing was compared."))

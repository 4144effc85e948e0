"""Read CSV and TSV: by a preset, by a mapping, or by the only preset whose header it has."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from chalicelib.bank_files.bank_file import BankRow, BankStatement, Calendar
from chalicelib.bank_files.csv_header import (
    account_number,
    find_header,
    guess_columns,
    headerless,
    summary_cells,
)
from chalicelib.bank_files.csv_layout import ColumnMapping, Header, Layout, layout_of, matches
from chalicelib.bank_files.csv_records import Record, records
from chalicelib.bank_files.csv_rows import TEXT, RowBuilder
from chalicelib.bank_files.errors import MAX_ROWS, BankFileError, FileReason, FileTooLargeError
from chalicelib.bank_files.presets import PRESETS, layouts_of
from chalicelib.bank_files.running_balance import (
    Balances,
    balances,
    is_newest_first,
    mark_reprints,
)
from chalicelib.bank_files.text import collapse, fold, quoted
from chalicelib.ledger.currencies import MINOR_DIGITS

_PART = re.compile(r"(?:ultimos )?(?:lancamentos|saidas|entradas)(?: futur[ao]s)?$")
_COMING = re.compile(r"(?:lancamentos|saidas|entradas) futur[ao]s$")
_STILL_TO_COME = "the bank lists it as still to come"


def read_csv(lines: Sequence[str], header: Header, calendar: Calendar) -> list[BankStatement]:
    """Return the statements below a header, one for each account that the rows name."""
    rows: list[Record] = []
    width = max(at for at, column in enumerate(header.columns, 1) if column)
    for record in records(lines, header.delimiter, header.lines_before, width):
        rows.append(Record(record.line, [collapse(cell) for cell in record.cells]))
        if len(rows) > MAX_ROWS:
            raise FileTooLargeError
    builder = RowBuilder(header, rows, calendar)
    account = next(filter(None, map(builder.account, rows)), None)
    account = account or account_number(lines[: max(0, header.lines_before - 1)])
    grouped: dict[str | None, list[tuple[BankRow, Record]]] = {}
    for at, record in enumerate(rows, 1):
        account = builder.account(record) or account
        grouped.setdefault(account, []).append((builder.row(at, record), record))
    summary = _summary(lines, header, builder)
    return [
        _statement(number, group, header.layout, summary if len(grouped) == 1 else None)
        for number, group in grouped.items()
    ]


def recognize(
    lines: Sequence[str], preset: str | None, mapping: ColumnMapping | None
) -> tuple[Header, str | None] | None:
    """Return the header and the preset's name, or None if the file is no table.

    Raises BankFileError for a table that is not that of the preset or the mapping; if neither is
    given, for one that fits no preset (naming its columns) or several (naming them).
    """
    candidates = _candidates(preset, mapping)
    header = find_header(lines, [each for layouts in candidates.values() for each in layouts])
    if header is None and preset is not None:
        header = headerless(lines, candidates[preset])
    if header is not None:
        return header, _only_one_that_fits(header, candidates)
    columns = guess_columns(lines)
    if columns is None:
        return None
    is_named = mapping is not None or preset is not None
    raise _unknown_columns(lines, columns, next(iter(candidates.values())) if is_named else ())


def _candidates(
    preset: str | None, mapping: ColumnMapping | None
) -> Mapping[str | None, Sequence[Layout]]:
    """Return the layouts that a file may have, by their preset: None is the mapping's."""
    if preset is not None and preset not in PRESETS:
        raise BankFileError(
            "unknown-preset",
            f"There is no preset {quoted(preset)}; the presets are {', '.join(PRESETS)}.",
            quoted(preset),
        )
    if mapping is None:
        return {name: layouts_of(name) for name in ([preset] if preset else PRESETS)}
    if mapping.currency not in MINOR_DIGITS:
        raise BankFileError(
            "unknown-currency",
            f"The mapping's currency {quoted(mapping.currency)} is not one of ISO 4217.",
            quoted(mapping.currency),
        )
    return {None: [layout_of(mapping)]}


def _unknown_columns(
    lines: Sequence[str], columns: Sequence[str], layouts: Sequence[Layout]
) -> BankFileError:
    """Return the error of a table that has none of these layouts, or of any if there are none."""
    reason: FileReason = "unknown-columns"
    expected = "no preset has this header; send a mapping of the columns"
    if layouts:
        named = [" ".join(map(quoted, each.header)) for each in layouts]
        reason, expected = "other-columns", f"expected were the columns {' or '.join(named)}"
    elif name := _preset_without_header(lines):
        expected = (
            f"it has no header; if it is a file that the preset {name} reads, send that preset"
        )
    shown = ", ".join(columns)
    return BankFileError(reason, f"The columns of this table are {shown}: {expected}.", shown)


def _only_one_that_fits(
    header: Header, candidates: Mapping[str | None, Sequence[Layout]]
) -> str | None:
    fitting = [
        name
        for name, layouts in candidates.items()
        if header.layout in layouts or any(matches(each, header.columns) for each in layouts)
    ]
    if len(fitting) > 1:
        shown = " and ".join(filter(None, fitting))
        raise BankFileError(
            "ambiguous-columns",
            f"The header of this table fits the presets {shown}; send one of them as `preset`.",
            shown,
        )
    return fitting[0]


def _preset_without_header(lines: Sequence[str]) -> str | None:
    """Return the preset of a table that may be one without a header: it begins with a day."""
    if not next((line for line in lines if line.strip()), "").lstrip('" ')[:1].isdigit():
        return None
    return next((name for name in PRESETS if headerless(lines, layouts_of(name))), None)


def _statement(
    number: str | None,
    group: Sequence[tuple[BankRow, Record]],
    layout: Layout,
    summary: Balances | None,
) -> BankStatement:
    keys = [tuple(record.cells) for _, record in group]
    rows = _without_coming(_named_texts([row for row, _ in group]))
    newest_first = is_newest_first(rows, keys)
    rows = mark_reprints(rows, keys)
    stated = summary or balances(rows, newest_first=newest_first, daily=layout.daily_balance)
    days = [row.day for row in rows if row.day and row.outcome in ("created", "information")]
    return BankStatement(
        number=number,
        currency=layout.mapping.currency,
        rows=tuple(rows),
        opening_minor=stated.opening_minor,
        closing_minor=stated.closing_minor,
        closing_day=stated.closing_day or max(days, default=None),
    )


def _summary(lines: Sequence[str], header: Header, builder: RowBuilder) -> Balances | None:
    names = header.layout.summary
    cells = summary_cells(lines, header, names) if names else None
    if cells is None:
        return None
    opening, closing = (builder.amount_of(cell) for cell in cells)
    return None if opening is None or closing is None else Balances(opening, closing, None)


def _named_texts(rows: list[BankRow]) -> list[BankRow]:
    """Return the rows; those of text alone are headings, or footers after the last other row."""
    last = max((at for at, row in enumerate(rows) if row.reason != TEXT), default=-1)
    return [
        replace(row, reason="heading" if at < last else "footer") if row.reason == TEXT else row
        for at, row in enumerate(rows)
    ]


def _without_coming(rows: list[BankRow]) -> list[BankRow]:
    """Return the rows, those below a heading such as "lançamentos futuros" as refused."""
    coming, result = False, []
    for row in rows:
        if row.outcome == "information" and _PART.match(fold(row.description)):
            coming = _COMING.match(fold(row.description)) is not None
        refused = coming and row.outcome == "created"
        result.append(replace(row, outcome="refused", reason=_STILL_TO_COME) if refused else row)
    return result

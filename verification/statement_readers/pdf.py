"""Statements and cash books in PDF, as pdftotext finds their words on the pages."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

from verification.statement_readers.programs import output
from verification.statement_readers.readers import Line, Reading, Span

_WORD = "{http://www.w3.org/1999/xhtml}word"
_PAGE = "{http://www.w3.org/1999/xhtml}page"
_DAY = re.compile(r"\d\d/\d\d/\d{4}")
_AMOUNT = re.compile(r"-?\d[\d.]*(?:,\d+)?")
_COLUMNS = ("Entradas", "Saídas", "Saldo")
_SAME_LINE = 2.0
"""How far apart the middles of the words of a line are at most, in points."""


class _Word(NamedTuple):
    text: str
    left: float
    right: float
    middle: float


class _Row(NamedTuple):
    """The day and the amounts of a row; None where a column is empty."""

    day: date
    credit: Decimal | None
    debit: Decimal | None
    balance: Decimal | None


def read_pdf(path: Path, _span: Span) -> Reading:
    """Read a statement: its summary, each entry, each day and each root."""
    text = _text(path)
    (summary,) = re.findall(r"^Saldo inicial +Entradas +Saídas +Saldo final\n(.+)$", text, re.M)
    amount = r" +(-?[\d.,]+)"
    days = re.findall(rf"^ *(\S+){amount * 4} +(?:aberto|fechado|alterado)$", text, re.M)
    roots = re.findall(r"^ *(\S+) .+\n *Versão \d+, raiz do fechamento (\S+)$", text, re.M)
    return Reading(
        tuple(map(_money, summary.split())),
        {_day(day): _money(closing) for day, *_, closing in days},
        lines=[_line(row) for row in _rows(path)],
        roots={_day(day): root for day, root in roots},
    )


def read_book(path: Path, span: Span) -> Reading:
    """Read a cash book: its closing term, each entry, each seal.

    Raises ValueError if a month does not begin or end with the balance of its entries, or if the
    sheets are not numbered from 0001 to the number in the terms.
    """
    text = _text(path)
    term = " ".join(text.replace("\u00a0", " ").split())
    money = r"R\$ (-?[\d.,]+)"
    (sums,) = re.findall(
        f"Saldo inicial {money}; entradas {money}; saídas {money}; saldo final {money};", term
    )
    sheets = [int(number) for number in re.findall(r"Folha (\d{4,})$", text, re.M)]
    if set(re.findall(r"Contém este livro (\d+) folhas", term)) != {str(len(sheets))}:
        raise ValueError(
            f"the opening and closing terms must say {len(sheets)} sheets, and say another number"
        )
    if sheets != list(range(1, len(sheets) + 1)):
        raise ValueError("the sheets are not numbered one by one")
    rows, opening = list(_rows(path)), _money(sums[0])
    lines = [_line(row) for row in rows if (row.credit is None) != (row.debit is None)]
    _check_months(rows, opening)
    roots = re.findall(r"^ *\d+ +(\S+) +\d+ +(?:fechado|alterado)\n *raiz (\S+)$", text, re.M)
    return Reading(
        tuple(map(_money, sums)),
        _closings(lines, opening, span),
        lines=lines,
        roots={_day(day): root for day, root in roots},
    )


def _text(path: Path) -> str:
    text = output("pdftotext", "-layout", path, "-")
    if "?" in text:
        raise ValueError("a character is missing")
    return text


def _check_months(rows: Sequence[_Row], balance: Decimal) -> None:
    for row in rows:
        if (row.credit is None) != (row.debit is None):
            balance = row.balance or Decimal()
        elif row.balance not in (None, balance):  # a month's first or last row
            raise ValueError(f"{row.day} shows {row.balance} and must show {balance}")


def _closings(lines: Sequence[Line], opening: Decimal, span: Span) -> Mapping[date, Decimal]:
    newest = {line.day: line.balance for line in lines}
    closings = {}
    for number in range((span[1] - span[0]).days + 1):
        day = span[0] + timedelta(number)
        opening = closings[day] = newest.get(day, opening)
    return closings


def _line(row: _Row) -> Line:
    if row.balance is None or (row.credit is None) == (row.debit is None):
        raise ValueError(f"{row} is not an entry")
    return Line(row.day, (row.credit or Decimal()) - (row.debit or Decimal()), row.balance)


def _rows(path: Path) -> Iterator[_Row]:
    """Yield the rows of the tables of entries, by where their words are on the page."""
    root = ElementTree.fromstring(output("pdftotext", "-bbox", path, "-"))  # noqa: S314
    ends: dict[str, float] = {}
    for page in root.iter(_PAGE):
        for words in _lines_of(page):
            texts = [word.text for word in words]
            if "Histórico" in texts:
                ends = {word.text: word.right for word in words if word.text in _COLUMNS}
            elif texts[0] in ("Dia", "Ordem"):
                ends = {}
            elif ends and _DAY.fullmatch(texts[0]):
                yield _row(words, ends)


def _row(words: Sequence[_Word], ends: Mapping[str, float]) -> _Row:
    amounts = {
        title: _money(word.text)
        for title, end in ends.items()
        for word in words
        if abs(word.right - end) < 1 and _AMOUNT.fullmatch(word.text)
    }
    return _Row(_day(words[0].text), *map(amounts.get, _COLUMNS))


def _lines_of(page: ElementTree.Element) -> Iterator[Sequence[_Word]]:
    """Yield the words of each line from left to right, the lines from top to bottom."""
    line: list[_Word] = []
    for word in sorted(map(_word, page.iter(_WORD)), key=lambda word: word.middle):
        if line and word.middle - line[0].middle > _SAME_LINE:
            yield sorted(line, key=lambda word: word.left)
            line = []
        line.append(word)
    if line:
        yield sorted(line, key=lambda word: word.left)


def _word(element: ElementTree.Element) -> _Word:
    left, top, right, bottom = (
        float(element.attrib[name]) for name in ("xMin", "yMin", "xMax", "yMax")
    )
    return _Word(element.text or "", left, right, (top + bottom) / 2)


def _money(text: str) -> Decimal:
    return Decimal(text.replace(".", "").replace(",", "."))


def _day(text: str) -> date:
    return datetime.strptime(text, "%d/%m/%Y").date()

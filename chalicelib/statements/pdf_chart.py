"""The chart of a statement: bars of credits and debits by day, and a line of the balance."""

from collections.abc import Sequence

from chalicelib.ledger.statement import Statement, StatementDay
from chalicelib.statements.labels import Labels, money_text
from chalicelib.statements.pdf_document import GREY, MARGIN, RIGHT, RULE, Document
from chalicelib.statements.pdf_text import REGULAR, size_that_fits

HEIGHT = 150.0
_LABEL_ROOM = 68.0
_LABEL_HEIGHT = 7.0
_LEGEND_ROOM = 16.0
_AXIS_ROOM = 14.0
_CREDIT = (0.11, 0.5, 0.29)
_DEBIT = (0.7, 0.22, 0.17)
_BALANCE = (0.13, 0.34, 0.48)
_WIDEST_BAR = 9.0
_MOST_DAY_LABELS = 11


def draw_chart(document: Document, statement: Statement, words: Labels, locale: str) -> None:
    """Draw the chart at the current height; it needs HEIGHT points."""
    top = document.y + _LEGEND_ROOM
    bottom = document.y + HEIGHT - _AXIS_ROOM
    low, high = _bounds(statement.days)

    def y_of(minor: int) -> float:
        return bottom - (minor - low) / (high - low) * (bottom - top)

    _draw_legend(document, words)
    labelled: list[float] = []
    for minor in (high, low, 0):
        y = y_of(minor)
        document.rule(y, MARGIN + _LABEL_ROOM)
        if all(abs(y - other) > _LABEL_HEIGHT for other in labelled):
            labelled.append(y)
            label = money_text(minor, statement.currency, locale)
            size = size_that_fits(label, REGULAR, 6, _LABEL_ROOM - 6)
            x = MARGIN + _LABEL_ROOM - 4
            document.text(x, y + 2, label, size, colour=GREY, align="right")
    room = (RIGHT - MARGIN - _LABEL_ROOM) / len(statement.days)
    bar = min(_WIDEST_BAR, room * 0.4)
    step = -(-len(statement.days) // _MOST_DAY_LABELS)
    points = []
    for number, (balance, _) in enumerate(statement.days):
        centre = MARGIN + _LABEL_ROOM + (number + 0.5) * room
        credits_minor, debits_minor, _entries = balance.totals
        for side, minor, colour in ((0, credits_minor, _CREDIT), (1, debits_minor, _DEBIT)):
            if minor:
                left, above = centre - bar + side * bar, y_of(minor)
                document.rectangle(left, above, bar * 0.94, y_of(0) - above, colour)
        points.append((centre, y_of(balance.closing_minor)))
        if number % step == 0:
            label = f"{balance.day:%d/%m}" if locale == "pt-BR" else f"{balance.day:%m-%d}"
            document.text(centre, bottom + 10, label, 6, colour=GREY, align="center")
    if len(points) == 1:  # a line needs two points
        points = [(points[0][0] - 20, points[0][1]), (points[0][0] + 20, points[0][1])]
    document.line(points, _BALANCE, 1.2)
    document.y += HEIGHT + 8


def _bounds(days: Sequence[StatementDay]) -> tuple[int, int]:
    values = [0]
    for balance, _ in days:
        credits_minor, debits_minor, _count = balance.totals
        values += [credits_minor, debits_minor, balance.closing_minor]
    return min(values), max(*values, min(values) + 1)


def _draw_legend(document: Document, words: Labels) -> None:
    x, y = MARGIN + _LABEL_ROOM, document.y
    for label, colour in (
        (words.credits, _CREDIT),
        (words.debits, _DEBIT),
        (words.balance, _BALANCE),
    ):
        document.rectangle(x, y + 1, 7, 7, colour)
        document.text(x + 10, y + 7, label, 7, colour=GREY)
        x += 80
    document.line([(MARGIN, document.y - 4), (RIGHT, document.y - 4)], RULE, 0.5)

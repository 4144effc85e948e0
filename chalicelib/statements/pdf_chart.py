"""The chart of a statement: a line of the balance, and under it bars of credits and debits by day.

Each has its own scale, so that the days' bars are seen beside a balance many times as large.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from chalicelib.ledger.statement import Statement, StatementDay
from chalicelib.statements.labels import Labels, money_text
from chalicelib.statements.pdf_document import GREY, MARGIN, RIGHT, RULE, Document
from chalicelib.statements.pdf_text import REGULAR, size_that_fits

HEIGHT = 170.0
_BALANCE_HEIGHT = 78.0
_GAP = 14.0
_LABEL_ROOM = 68.0
_LABEL_HEIGHT = 7.0
_LEGEND_ROOM = 20.0
_AXIS_ROOM = 14.0
_LEFT = MARGIN + _LABEL_ROOM
_CREDIT = (0.11, 0.5, 0.29)
_DEBIT = (0.7, 0.22, 0.17)
_BALANCE = (0.13, 0.34, 0.48)
_WIDEST_BAR = 9.0
_MOST_DAY_LABELS = 11


class _Scale(NamedTuple):
    """Where amounts from `low` to `high` are, from the height `bottom` up to `top`."""

    top: float
    bottom: float
    low: int
    high: int

    def y_of(self, minor: int) -> float:
        """Return the height of an amount."""
        share = (minor - self.low) / max(self.high - self.low, 1)
        return self.bottom - share * (self.bottom - self.top)


def draw_chart(document: Document, statement: Statement, words: Labels, locale: str) -> None:
    """Draw the chart at the current height; it needs HEIGHT points."""

    def money(minor: int) -> str:
        return money_text(minor, statement.currency, locale)

    days = statement.days
    top, bottom = document.y + _LEGEND_ROOM, document.y + HEIGHT - _AXIS_ROOM
    closings = [day.balance.closing_minor for day in days]
    balances = _Scale(top, top + _BALANCE_HEIGHT, min(closings), max(closings))
    flows = _Scale(top + _BALANCE_HEIGHT + _GAP, bottom, 0, max(_flows(days)))
    lowest, highest, most = map(money, (balances.low, balances.high, flows.high))
    about = words.about_chart.format(lowest=lowest, highest=highest, most=most)
    document.begin_figure(about, HEIGHT)
    _draw_legend(document, words)
    _draw_scale(document, balances, money)
    _draw_scale(document, flows, money)
    room = (RIGHT - _LEFT) / len(days)
    centres = [_LEFT + (number + 0.5) * room for number in range(len(days))]
    _draw_bars(document, days, centres, flows)
    points = list(zip(centres, map(balances.y_of, closings), strict=True))
    if len(points) == 1:  # a line needs two points
        ((centre, y),) = points
        points = [(centre - 20, y), (centre + 20, y)]
    document.line(points, _BALANCE, 1.2)
    step = -(-len(days) // _MOST_DAY_LABELS)
    for centre, (balance, _) in list(zip(centres, days, strict=True))[::step]:
        label = f"{balance.day:%d/%m}" if locale == "pt-BR" else f"{balance.day:%m-%d}"
        document.text(centre, bottom + 10, label, 6, colour=GREY, align="center")
    document.end()
    document.y += HEIGHT + 8


def _flows(days: Sequence[StatementDay]) -> Iterable[int]:
    for day in days:
        yield from (day.balance.totals.credits_minor, day.balance.totals.debits_minor)


def _draw_scale(document: Document, scale: _Scale, money: Callable[[int], str]) -> None:
    """Draw a rule at both ends, and at zero if it is between them, with the amounts before them."""
    labelled: list[float] = []
    zero = [0] if scale.low < 0 < scale.high else []
    for minor in dict.fromkeys([scale.high, scale.low, *zero]):
        y = scale.y_of(minor)
        document.rule(y, _LEFT)
        if all(abs(y - other) > _LABEL_HEIGHT for other in labelled):
            labelled.append(y)
            label = money(minor)
            size = size_that_fits(label, REGULAR, 6, _LABEL_ROOM - 6)
            document.text(_LEFT - 4, y + 2, label, size, colour=GREY, align="right")


def _draw_bars(
    document: Document, days: Sequence[StatementDay], centres: Sequence[float], scale: _Scale
) -> None:
    bar = min(_WIDEST_BAR, (RIGHT - _LEFT) / len(days) * 0.4)
    for centre, day in zip(centres, days, strict=True):
        credits_minor, debits_minor, _ = day.balance.totals
        for left, minor, colour in (
            (centre - bar, credits_minor, _CREDIT),
            (centre, debits_minor, _DEBIT),
        ):
            if minor:
                top = scale.y_of(minor)
                document.rectangle(left, top, bar * 0.94, scale.bottom - top, colour)


def _draw_legend(document: Document, words: Labels) -> None:
    x, y = _LEFT, document.y
    for label, colour in (
        (words.balance, _BALANCE),
        (words.credits, _CREDIT),
        (words.debits, _DEBIT),
    ):
        document.rectangle(x, y + 1, 7, 7, colour)
        document.text(x + 10, y + 7, label, 7, colour=GREY)
        x += 80
    document.line([(MARGIN, document.y - 4), (RIGHT, document.y - 4)], RULE, 0.5)

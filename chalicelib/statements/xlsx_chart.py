"""The chart of a workbook, on its own sheet, where it hides no cells and is printed on one page."""

from typing import Any

from chalicelib.statements.labels import Labels


def add_chart(
    workbook: Any, words: Labels, title: str, day_format: str, rows: tuple[int, int]
) -> Any:
    """Add a sheet with columns of credits and debits, and a line of the balance; return it.

    `rows` are the first and the last row of the sheet of days. The balance has its own axis.
    """

    def series(column: int, name: str, colour: str) -> dict[str, Any]:
        first, last = rows
        return {
            "name": name,
            "categories": [words.days, first, 0, last, 0],
            "values": [words.days, first, column, last, column],
            "fill": {"color": colour},
            "line": {"color": colour},
        }

    chart = workbook.add_chart({"type": "column"})
    chart.add_series(series(2, words.credits, "#1B7F4B"))
    chart.add_series(series(3, words.debits, "#B3372B"))
    line = workbook.add_chart({"type": "line"})
    line.add_series({**series(4, words.balance, "#22577A"), "y2_axis": True})
    chart.combine(line)
    chart.set_y_axis({"name": f"{words.credits}, {words.debits}"})
    line.set_y2_axis({"name": words.balance})
    chart.set_title({"name": title, "name_font": {"size": 11}})
    chart.set_x_axis({"date_axis": True, "num_format": day_format})
    chart.set_legend({"position": "bottom"})
    sheet = workbook.add_chartsheet(words.chart)
    sheet.set_chart(chart)
    return sheet

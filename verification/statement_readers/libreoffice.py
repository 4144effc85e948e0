"""Files as LibreOffice opens them on a Brazilian computer: each cell with its type."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

from verification.statement_readers.programs import output

Cell = date | datetime | Decimal | float | str | None
Sheets = Mapping[str, Sequence[Sequence[Cell]]]
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse">
<value>pt-BR</value></prop></item></oor:items>
"""
# Semicolons, quotation marks, UTF-8, from line 1, the computer's language, and dates recognized.
_CSV = "--infilter=Text - txt - csv (StarCalc):59,34,76,1,,0,false,true"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


def open_all(files: Sequence[Path], folder: Path) -> None:
    """Open workbooks and CSV files, and store what LibreOffice holds as `<name>.fods` beside them.

    `folder` is for its settings; no user's settings are read.
    """
    settings = folder / "libreoffice"
    (settings / "user").mkdir(parents=True)
    (settings / "user" / "registrymodifications.xcu").write_text(_PROFILE)
    for suffix, options in ((".xlsx", []), (".csv", [_CSV])):
        chosen = [path for path in files if path.suffix == suffix]
        if chosen:
            output(
                "soffice", f"-env:UserInstallation={settings.as_uri()}", "--headless", *options,
                "--convert-to", f"{suffix[1:]}.fods:OpenDocument Spreadsheet Flat XML",
                "--outdir", chosen[0].parent, *chosen,
            )  # fmt: skip


def opened(path: Path) -> Sheets:
    """Return the sheets of a file that was opened; raise ValueError where a cell is a formula."""
    root = ElementTree.parse(path.with_suffix(f"{path.suffix}.fods")).getroot()  # noqa: S314
    sheets = root.findall(f"{_OFFICE}body/{_OFFICE}spreadsheet/{_TABLE}table")
    return {
        sheet.attrib[f"{_TABLE}name"]: [list(_cells(row)) for row in _rows(sheet)]
        for sheet in sheets
    }


def _rows(element: ElementTree.Element) -> Iterator[ElementTree.Element]:
    """Yield the rows of a sheet, not those of the charts on it."""
    for child in element:
        if child.tag == f"{_TABLE}table-row":
            yield child
        elif child.tag in (f"{_TABLE}table-header-rows", f"{_TABLE}table-rows"):
            yield from _rows(child)


def _cells(row: ElementTree.Element) -> Iterator[Cell]:
    """Yield the cells of a row, 20 at least."""
    count = 0
    for cell in row.findall(f"{_TABLE}table-cell"):
        if f"{_TABLE}formula" in cell.attrib:
            raise ValueError(f"{cell.attrib} is a formula")
        repeated = min(int(cell.get(f"{_TABLE}number-columns-repeated", 1)), 20)
        count += repeated
        yield from [_value(cell)] * repeated
    yield from [None] * (20 - count)


def _value(cell: ElementTree.Element) -> Cell:
    kind = cell.get(f"{_OFFICE}value-type")
    if kind == "float":
        return Decimal(cell.attrib[f"{_OFFICE}value"])
    if kind == "date":
        text = cell.attrib[f"{_OFFICE}date-value"]
        return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
    if kind is None:
        return None
    return "\n".join("".join(part.itertext()) for part in cell.findall(f"{_TEXT}p"))

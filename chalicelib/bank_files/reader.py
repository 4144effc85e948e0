"""Read a bank file: recognize its format from its bytes, then read its statements."""

import re

from chalicelib.bank_files.bank_file import BankFile, BankStatement, Calendar, FileFormat
from chalicelib.bank_files.cnab import is_cnab, read_cnab
from chalicelib.bank_files.csv_file import read_csv, recognize
from chalicelib.bank_files.csv_layout import ColumnMapping
from chalicelib.bank_files.decoding import check_is_text, decode
from chalicelib.bank_files.errors import MAX_BYTES, BankFileError, FileTooLargeError
from chalicelib.bank_files.ofx import read_ofx
from chalicelib.bank_files.text import quoted

_OFX = re.compile(r"<OFX[\s>]|OFXHEADER|<\?OFX", re.IGNORECASE)
_OFX_2 = re.compile(r"<\?OFX|<\?xml", re.IGNORECASE)
_BEGINNING = 4096


def read(
    content: bytes,
    calendar: Calendar,
    preset: str | None = None,
    mapping: ColumnMapping | None = None,
) -> BankFile:
    """Return what a bank file says; raise BankFileError if it cannot be read at all.

    `preset` is the name of one of `PRESETS`; it and `mapping` only concern CSV and TSV.
    """
    if len(content) > MAX_BYTES:
        raise FileTooLargeError
    check_is_text(content)
    text, encoding = decode(content)
    file_format, recognized, statements = _statements(text, calendar, preset, mapping)
    if not any(statement.rows for statement in statements):
        raise BankFileError("no-rows", "The file has no rows; export a period with movements.")
    return BankFile(file_format, encoding, recognized, tuple(statements))


def _statements(
    text: str, calendar: Calendar, preset: str | None, mapping: ColumnMapping | None
) -> tuple[FileFormat, str | None, list[BankStatement]]:
    """Return the format, the preset that was used, and the statements."""
    beginning = text[:_BEGINNING]
    if _OFX.search(beginning):
        version: FileFormat = "ofx-2" if _OFX_2.search(beginning) else "ofx-1"
        return version, None, read_ofx(text, calendar)
    if is_cnab(text):
        return "cnab-240", None, read_cnab(text, calendar)
    lines = text.split("\n")
    recognized = recognize(lines, preset, mapping)
    if recognized is None:
        raise _unknown_format(text)
    header, preset = recognized
    table: FileFormat = "tsv" if header.delimiter == "\t" else "csv"
    return table, preset, read_csv(lines, header, calendar)


def _unknown_format(text: str) -> BankFileError:
    """Return the error of a file in no known format; it shows the first three lines."""
    lines = [line for line in text[:_BEGINNING].split("\n") if line.strip()][:3]
    shown = ", ".join(map(quoted, lines))
    return BankFileError(
        "unknown-format",
        f"This is not OFX, CSV, TSV or CNAB 240 (extrato para conciliação). It begins: {shown}.",
        shown,
    )

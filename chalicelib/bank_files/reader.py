"""Read a bank file: recognize its format from its bytes, then read its statements."""

import re

from chalicelib.bank_files.bank_file import BankFile, Calendar, FileFormat
from chalicelib.bank_files.csv_file import read_csv, recognize
from chalicelib.bank_files.csv_layout import ColumnMapping
from chalicelib.bank_files.decoding import check_is_text, decode
from chalicelib.bank_files.errors import MAX_BYTES, BankFileError, FileTooLargeError
from chalicelib.bank_files.ofx import read_ofx
from chalicelib.bank_files.text import quoted

_OFX = re.compile(r"<OFX>|OFXHEADER|<\?OFX", re.IGNORECASE)
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
    if _OFX.search(text[:_BEGINNING]):
        statements = read_ofx(text, calendar)
        file_format: FileFormat = "ofx-2" if _OFX_2.search(text[:_BEGINNING]) else "ofx-1"
        preset = None
    else:
        lines = text.split("\n")
        recognized = recognize(lines, preset, mapping)
        if recognized is None:
            raise _unknown_format(text)
        header, preset = recognized
        statements = read_csv(lines, header, calendar)
        file_format = "tsv" if header.delimiter == "\t" else "csv"
    if not any(statement.rows for statement in statements):
        raise BankFileError("The file has no rows; export a period with movements.")
    return BankFile(file_format, encoding, preset, tuple(statements))


def _unknown_format(text: str) -> BankFileError:
    """Return the error of a file in no known format; it shows the first three lines."""
    lines = [line for line in text[:_BEGINNING].split("\n") if line.strip()][:3]
    shown = ", ".join(map(quoted, lines))
    return BankFileError(
        f"This is not OFX, CSV, TSV or CNAB 240 (extrato para conciliação). It begins: {shown}."
    )

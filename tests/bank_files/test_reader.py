"""A file's format is recognized from its bytes; a file that cannot be read says why."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.bank_files.errors import BankFileError, FileTooLargeError
from chalicelib.bank_files.reader import read
from tests.bank_files.examples import CALENDAR, ofx, transaction
from verification.kit.cnab_records import detail, file_of, header, trailer

CNAB = file_of(header(), detail(text="AÇÚCAR"), trailer()).decode("cp1252")
ROW = transaction("20261001", "1.00", "7", "AÇÚCAR")
CSV = "Data,Valor,Identificador,Descrição\n05/10/2026,1.00,7,AÇÚCAR\n"


@pytest.mark.parametrize(
    ("text", "file_format"),
    [
        (ofx(ROW), "ofx-1"),
        (ofx(ROW).partition("\n\n")[2], "ofx-1"),
        (
            f'<?xml version="1.0"?>\n<?OFX OFXHEADER="200"?>{ofx(ROW).partition("<OFX>")[2]}',
            "ofx-2",
        ),
        (f'<?xml version="1.0"?>\n<OFX xmlns="x">{ofx(ROW).partition("<OFX>")[2]}', "ofx-2"),
    ],
)
def test_format_is_recognized(text: str, file_format: str) -> None:
    bank_file = read(text.encode("cp1252"), CALENDAR)
    assert (bank_file.format, bank_file.encoding) == (file_format, "cp1252")
    assert dict(bank_file.counts) == {"created": 1}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is empty"),
        (b"PK\x03\x04" + bytes(50), "This is a ZIP or an XLSX spreadsheet"),
        (b"caro\n\nsegue\r\no extrato\nde hoje", "begins: “caro”, “segue”, “o extrato”."),
        (bytes(range(256)), "This is not OFX, CSV, TSV or CNAB 240"),
        (ofx("").encode(), "The file has no rows"),
        (b"<!DOCTYPE OFX [<!ENTITY a 'b'>]>" + ofx(ROW).encode(), "declares a document type"),
        (ofx(ROW).encode() + b"<! entity x>", "declares a document type or entities"),
    ],
    ids=["empty", "XLSX", "letter", "binary", "no row", "document type", "entity"],
)  # fmt: skip
def test_error_says_what_is_wrong(content: bytes, message: str) -> None:
    with pytest.raises(BankFileError, match=r"^[^\x00-\x1f]+$") as raised:
        read(content, CALENDAR)
    assert message in raised.value.detail


@pytest.mark.parametrize(
    "content",
    [
        b" " * (4 * 1024 * 1024 + 1),
        ofx("<STMTTRN>" * 50_001).encode(),
        (CSV + "x\n" * 50_000).encode(),
    ],
    ids=["bytes", "OFX", "CSV"],
)
def test_larger_files_are_not_read(content: bytes) -> None:
    with pytest.raises(FileTooLargeError, match="up to 4 MiB and 50,000 rows"):
        read(content, CALENDAR)


@given(
    st.binary(max_size=300), st.sampled_from([b"", b"<OFX><STMTTRN>", CSV.encode(), CNAB.encode()])
)
def test_any_bytes_raise_only_bank_file_errors(content: bytes, start: bytes) -> None:
    try:
        bank_file = read(start + content, CALENDAR)
    except BankFileError as error:
        assert error.detail
    else:
        rows = [row for statement in bank_file.statements for row in statement.rows]
        assert sum(bank_file.counts.values()) == len(rows) > 0


@pytest.mark.parametrize(
    ("start", "part"),
    [
        *[
            (ofx(ROW), part)
            for part in (ROW, "<", "<!--", "<![CDATA[", "<?", "&amp;", "<A x", "&#")
        ],
        (CNAB, f"{detail()}\n"),
        *[(CSV, part) for part in ("05/10/2026,1.00,a,b\n", '"', '"\n', ",", "x", '05,1,"a\n')],
    ],
)
def test_time_is_linear(start: str, part: str) -> None:
    def seconds(times: int) -> float:
        content = (start + part * (times * 8_000 // len(part))).encode()
        before = time.process_time()
        read(content, CALENDAR)
        return time.process_time() - before

    seconds(1)
    shorter, longer = min(seconds(2) for _ in range(3)), min(seconds(8) for _ in range(3))
    assert longer < 12 * shorter + 0.02

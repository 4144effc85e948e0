"""The encoding of a file is decided by its bytes, never by what its header says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.bank_files.decoding import check_is_text, decode
from chalicelib.bank_files.errors import BankFileError

TEXT = "Data;Descrição\n05/10/2026;AÇÚCAR – 10 €\n"


@pytest.mark.parametrize(
    ("codec", "mark", "encoding"),
    [
        ("utf-8", b"", "utf-8"),
        ("utf-8", b"\xef\xbb\xbf", "utf-8"),
        ("utf-16-le", b"\xff\xfe", "utf-16"),
        ("utf-16-be", b"\xfe\xff", "utf-16"),
        ("utf-16-le", b"", "utf-16"),
        ("utf-16-be", b"", "utf-16"),
        ("cp1252", b"", "cp1252"),
    ],
)
def test_text_is_the_same_in_every_encoding(codec: str, mark: bytes, encoding: str) -> None:
    assert decode(mark + TEXT.encode(codec)) == (TEXT, encoding)


def test_bytes_outside_of_cp1252_are_latin_1() -> None:
    assert decode(b"caf\xe9 \x81") == ("café \x81", "latin-1")


def test_byte_order_marks_inside_are_dropped() -> None:
    assert decode("a\r\n\ufeffb\rc".encode()) == ("a\nb\nc", "utf-8")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"PK\x03\x04...", "a ZIP or an XLSX spreadsheet"),
        (b"\xff\xd8\xff\xe0", "a photo"),
        (b"%PDF-1.7", "a PDF"),
        (b" \r\n", "empty"),
        (b"", "empty"),
    ],
)
def test_other_kinds_of_files_are_named(content: bytes, kind: str) -> None:
    with pytest.raises(BankFileError, match=kind):
        check_is_text(content)


@given(st.binary(max_size=200))
def test_any_bytes_are_decoded(content: bytes) -> None:
    text, encoding = decode(content)
    assert "\r" not in text
    assert encoding in ("utf-8", "utf-16", "cp1252", "latin-1")

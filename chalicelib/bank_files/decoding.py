"""The text of a file, by its bytes alone: what a header says about its encoding is often wrong."""

import codecs

from chalicelib.bank_files.bank_file import Encoding
from chalicelib.bank_files.errors import BankFileError

_SAMPLE = 4096
_MARKS: tuple[tuple[bytes, str, Encoding], ...] = (
    (codecs.BOM_UTF8, "utf-8", "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "utf-16"),
)


def decode(content: bytes) -> tuple[str, Encoding]:
    """Return the text with line breaks as `\\n`, without byte order marks, and its encoding.

    A byte order mark or the NULs of UTF-16 decide; else the text is UTF-8 if all of it is valid
    UTF-8, else cp1252, else latin-1, in which every byte is valid.
    """
    for mark, codec, encoding in [*_MARKS, *_utf16_without_mark(content)]:
        if content.startswith(mark):
            try:
                return _plain(content.decode(codec)), encoding
            except UnicodeDecodeError:
                break
    for encoding in ("utf-8", "cp1252"):
        try:
            return _plain(content.decode(encoding)), encoding
        except UnicodeDecodeError:
            continue
    return _plain(content.decode("latin-1")), "latin-1"


def check_is_text(content: bytes) -> None:
    """Raise BankFileError naming the kind of file, if its first bytes are not those of a text."""
    kinds = {
        b"PK\x03\x04": ("ZIP, XLSX", "a ZIP or an XLSX spreadsheet"),
        b"\xd0\xcf\x11\xe0": ("XLS", "an XLS spreadsheet"),
        b"%PDF": ("PDF", "a PDF"),
        b"\xff\xd8\xff": ("JPEG", "a photo"),
        b"\x89PNG": ("PNG", "a picture"),
        b"\x1f\x8b": ("GZIP", "a compressed file"),
    }
    advice = "export the statement as OFX, CSV or CNAB 240."
    for start, (name, kind) in kinds.items():
        if content.startswith(start):
            raise BankFileError("wrong-kind", f"This is {kind}; {advice}", name)
    if not content.strip():
        raise BankFileError("empty", f"The file is empty; {advice}")


def _utf16_without_mark(content: bytes) -> list[tuple[bytes, str, Encoding]]:
    sample = content[:_SAMPLE]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) * 4 < len(sample) or min(even, odd) * 8 > len(sample):
        return []
    return [(b"", "utf-16-le" if odd > even else "utf-16-be", "utf-16")]


def _plain(text: str) -> str:
    return text.replace("\ufeff", "").replace("\r\n", "\n").replace("\r", "\n")

"""The elements of an OFX file, whether it is SGML (1.x) or XML (2.x), well-formed or not.

Elements that hold a value often have no end tag, a value may contain `&` and `<`, aggregates are
closed by the wrong tag or not at all, and whole files are a single line.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from chalicelib.bank_files.errors import BankFileError

_DECLARATION = re.compile(r"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
# Bounded, so that a file of `<` alone takes linear time.
_MARKUP = re.compile(
    r"<(/?)([A-Za-z][A-Za-z0-9._]{0,40})(?:\s[^<>]{0,200})?/?>|<!--|<!\[CDATA\[|<\?", re.ASCII
)
_ENDS = {"<!--": "-->", "<![CDATA[": "]]>", "<?": "?>"}
# What no comment and no CDATA section contains: one that reaches it was cut off by the bank.
_ROW_OR_AGGREGATE = r"</?(?:STMTTRN|BANKTRANLIST|(?:CC|INV)?STMTRS|[A-Z]{4,6}BAL|OFX)>"
_FIELD = r"</?(?:TRNTYPE|DTPOSTED|TRNAMT|FITID|CHECKNUM|NAME|PAYEE|MEMO)>"
_BARRIERS = {
    "<!--": _ROW_OR_AGGREGATE,
    "<![CDATA[": f"{_ROW_OR_AGGREGATE}|{_FIELD}",
    "<?": _ROW_OR_AGGREGATE,
}
_ENTITY = re.compile(r"&(?:#([0-9]{1,7})|#[xX]([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|apos|nbsp));")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'", "nbsp": " "}
_FORMATTING = {"BR", "B", "I", "P", "U"}


class Element(NamedTuple):
    """A start tag with the value behind it, or an end tag (`/STMTTRN`), at a line from 1."""

    name: str
    value: str
    line: int


def elements(text: str) -> Iterator[Element]:
    """Yield the elements of a file in order, each name in upper case, values with entities decoded.

    `<BR/>` is a space. A comment or a CDATA section that remains open is text. A tag that is not
    in capitals is text, unless the file writes all of its tags so. Raises BankFileError for a
    document type or an entity declaration.
    """
    if _DECLARATION.search(text):
        raise BankFileError(
            "document-type",
            "The file declares a document type or entities, which OFX has no use for; export it "
            "again from the bank.",
        )
    name, parts, line, counted, position = "", [""], 1, 0, 0
    capitals = "<STMTTRN>" in text or "<OFX>" in text
    stops: dict[str, tuple[int, str]] = {}
    while match := _MARKUP.search(text, position):
        if name:
            parts.append(decode_entities(text[position : match.start()]))
        position = match.end()
        tag = match[2]
        if tag is None:
            position, value = _special(text, match, stops, capitals=capitals)
            parts.append(value)
        elif tag.upper() in _FORMATTING:
            parts.append(" ")
        elif capitals and not tag.isupper():
            parts.append(match[0])
        else:
            if name:
                yield Element(name, "".join(parts), line)
            line += text.count("\n", counted, match.start())
            counted, parts, name = match.start(), [], tag.upper()
            if match[1]:
                yield Element(f"/{name}", "", line)
                name = ""
    if name:
        yield Element(name, "".join([*parts, decode_entities(text[position:])]), line)


def decode_entities(text: str) -> str:
    """Return the text with one round of entities decoded; a bare `&` stays as it is."""
    return _ENTITY.sub(_character, text) if "&" in text else text


def _special(
    text: str, match: re.Match[str], stops: dict[str, tuple[int, str]], *, capitals: bool
) -> tuple[int, str]:
    """Return where a comment, instruction or CDATA section ends, and its text if it is CDATA.

    One that is not closed before the next tag of a row is text, so that it takes no other row with
    it. `stops` has the place of the first end or tag behind the last start of each kind: it also
    is the first behind all starts before it, so no part of the file is searched twice.
    """
    start = match[0]
    at, stop = stops.get(start, (-1, ""))
    if at < match.end():
        flags = 0 if capitals else re.IGNORECASE
        ends = re.compile(f"{re.escape(_ENDS[start])}|{_BARRIERS[start]}", flags)
        reached = ends.search(text, match.end())
        at, stop = (reached.start(), reached[0]) if reached else (len(text), "")
        stops[start] = at, stop
    if stop != _ENDS[start]:
        return match.end(), start
    return at + len(stop), text[match.end() : at] if start == "<![CDATA[" else ""


def _character(match: re.Match[str]) -> str:
    decimal, hexadecimal, named = match.groups()
    if named:
        return _NAMED[named]
    code = int(decimal) if decimal else int(hexadecimal, 16)
    return chr(code) if 0 < code <= 0x10FFFF and not 0xD800 <= code < 0xE000 else match[0]

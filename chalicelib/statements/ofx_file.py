"""A statement of one account as OFX 1.0.2 (Open Financial Exchange, SGML) in UTF-8.

The id of a transaction (FITID) is the id of its entry, and the account's number follows from its
slug (`account_number`), so that importing the file again yields only duplicates. MEMO is the whole
text; where it is long, NAME is its beginning, and readers that show both show the beginning twice.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from html import escape
from zoneinfo import ZoneInfo

from chalicelib.ledger.account_numbers import account_number
from chalicelib.ledger.money import format_amount
from chalicelib.ledger.statement import Statement, StatementEntry

_HEADER = (
    "OFXHEADER:100\r\nDATA:OFXSGML\r\nVERSION:102\r\nSECURITY:NONE\r\nENCODING:UTF-8\r\n"
    "CHARSET:NONE\r\nCOMPRESSION:NONE\r\nOLDFILEUID:NONE\r\nNEWFILEUID:NONE\r\n\r\n"
)
_BANK = "LIVROCX"  # at most 9 characters (OFX 1.0.2, 11.3.1)
_NAME_LENGTH = 32
_SHORTEST_NAME = 20  # where a word longer than the rest of the name is cut
_LANGUAGES = {"pt-BR": "POR", "en": "ENG"}


def ofx_file(statement: Statement, locale: str) -> bytes:
    """Return the statement as OFX; its account must not be None."""
    if statement.account is None:
        raise ValueError("An OFX statement is of one account.")
    return (_HEADER + "\r\n".join(_lines(statement, statement.account, locale)) + "\r\n").encode()


def _lines(statement: Statement, account: str, locale: str) -> Iterator[str]:
    zone = statement.zone
    last = _day(statement.last, zone)
    made = _instant(statement.newest) if statement.newest else last
    status = "<STATUS><CODE>0<SEVERITY>INFO</STATUS>"
    yield "<OFX>"
    yield f"<SIGNONMSGSRSV1><SONRS>{status}<DTSERVER>{made}<LANGUAGE>{_LANGUAGES[locale]}"
    yield "</SONRS></SIGNONMSGSRSV1>"
    yield f"<BANKMSGSRSV1><STMTTRNRS><TRNUID>0{status}"
    yield f"<STMTRS><CURDEF>{statement.currency}"
    number = account_number(account)
    yield f"<BANKACCTFROM><BANKID>{_BANK}<ACCTID>{number}<ACCTTYPE>CHECKING</BANKACCTFROM>"
    yield f"<BANKTRANLIST><DTSTART>{_day(statement.first, zone)}<DTEND>{last}"
    for line in statement.entries:
        yield _transaction(line, zone)
    balance = format_amount(statement.closing_minor, statement.currency)
    yield "</BANKTRANLIST>"
    yield f"<LEDGERBAL><BALAMT>{balance}<DTASOF>{last}</LEDGERBAL>"
    yield "</STMTRS></STMTTRNRS></BANKMSGSRSV1>"
    yield "</OFX>"


def _transaction(line: StatementEntry, zone: ZoneInfo) -> str:
    entry = line.entry
    kind, sign = ("CREDIT", "") if entry.type == "credit" else ("DEBIT", "-")
    amount = sign + format_amount(entry.amount_minor, entry.currency)
    text = entry.description or ""
    name, memo = _beginning(text), text if len(text) > _NAME_LENGTH else ""
    return (
        f"<STMTTRN><TRNTYPE>{kind}<DTPOSTED>{_day(entry.day, zone)}<TRNAMT>{amount}"
        f"<FITID>{entry.entry_id}"
        + (f"<NAME>{escape(name, quote=False)}" if name else "")
        + (f"<MEMO>{escape(memo, quote=False)}" if memo else "")
        + "</STMTTRN>"
    )


def _beginning(text: str) -> str:
    """Return what fits into NAME of a text, cut after a word if that is not much shorter."""
    if len(text) <= _NAME_LENGTH:
        return text
    end = text.rfind(" ", _SHORTEST_NAME, _NAME_LENGTH + 1)
    return text[: end if end > 0 else _NAME_LENGTH].rstrip()


def _day(day: date, zone: ZoneInfo) -> str:
    # At noon, because readers convert it to their own time zone: up to 11 hours away the day stays.
    noon = datetime.combine(day, time(12), zone)
    return f"{noon:%Y%m%d%H%M%S}[{_offset(noon)}:GMT]"


def _offset(local: datetime) -> str:
    """Return the offset from GMT as hours, and minutes after a point: `-3`, `5.30` (OFX 1.0.2)."""
    shift = local.utcoffset() or timedelta()
    hours, minutes = divmod(abs(shift) // timedelta(minutes=1), 60)
    sign = "-" if shift < timedelta() else ""
    return f"{sign}{hours}.{minutes:02}" if minutes else f"{sign}{hours}"


def _instant(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y%m%d%H%M%S}.000[0:GMT]"

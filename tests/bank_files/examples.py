"""Bank files for tests: a calendar, generated movements, and a writer for OFX."""

from datetime import date
from html import escape
from typing import NamedTuple

from hypothesis import strategies as st

from chalicelib.bank_files.bank_file import BankRow, BankStatement, Calendar
from verification.kit.strategies import SAO_PAULO

CALENDAR = Calendar(date(2026, 11, 29), SAO_PAULO)


class Movement(NamedTuple):
    """What a generated file says of one movement; the amount is signed, in centavos."""

    day: date
    amount_minor: int
    bank_id: str
    text: str

    @property
    def decimal(self) -> str:
        sign, minor = "-" if self.amount_minor < 0 else "", abs(self.amount_minor)
        return f"{sign}{minor // 100}.{minor % 100:02}"


# No balance row and no white space at the ends; a byte of each kind of character.
texts = st.text("ABC abc123&<>;,\"'|ÇãÉ–€", min_size=1, max_size=20).map(
    lambda text: "PIX" + " ".join(text.split())
)
movements = st.lists(
    st.builds(
        Movement,
        st.dates(date(2026, 1, 1), date(2026, 11, 29)),
        st.integers(-(10**11), 10**11).filter(bool),
        st.text("0123456789abcdef-", min_size=1, max_size=12).filter(lambda text: text.strip("0")),
        texts,
    ),
    min_size=1,
    max_size=12,
)


def ofx(transactions: str, account: str = "1", balance: str = "") -> str:
    """Return one statement of OFX 1.02 with these transactions."""
    return (
        "OFXHEADER:100\nVERSION:102\nCHARSET:1252\n\n<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS>"
        f"<CURDEF>BRL<BANKACCTFROM><BANKID>999<ACCTID>{account}</BANKACCTFROM><BANKTRANLIST>\n"
        f"{transactions}</BANKTRANLIST>{balance}</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>"
    )


def transaction(day: str, amount: str, bank_id: str = "", memo: str = "PIX", more: str = "") -> str:
    """Return one transaction of OFX, without end tags of its fields."""
    return (
        f"<STMTTRN><TRNTYPE>OTHER<DTPOSTED>{day}<TRNAMT>{amount}<FITID>{bank_id}"
        f"<MEMO>{memo}{more}</STMTTRN>\n"
    )


def ofx_of(rows: list[Movement]) -> str:
    """Return a statement of OFX with these movements."""
    return ofx(
        "".join(
            transaction(
                f"{row.day:%Y%m%d}", row.decimal, row.bank_id, escape(row.text, quote=False)
            )
            for row in rows
        )
    )


def movements_of(statement: BankStatement) -> list[Movement]:
    """Return the created rows as movements."""
    return [
        Movement(row.day, row.amount_minor, row.bank_id or "", row.description)
        for row in statement.rows
        if row.outcome == "created" and row.day and row.amount_minor
    ]


def brief(row: BankRow) -> tuple[str, int | None, str, str | None]:
    """Return the outcome, the amount, the description and the reason of a row."""
    return row.outcome, row.amount_minor, row.description, row.reason

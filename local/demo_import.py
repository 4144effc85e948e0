"""The demo's bank file: three rows of the bakery's bank, one of which was recorded by hand before.

The file and its key are always the same for a month, so a second demo adds nothing.
"""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from local.bakery import Posting
from local.demo_client import ApiClient
from local.import_file import print_tie_outs, record, rows, rows_table, upload

ACCOUNT = "bank"
_FEE_CENTS, _INTEREST_CENTS = -4_990, 1_234


def import_statement(
    client: ApiClient, postings: Iterable[Posting], day: date, report: Callable[[str], None]
) -> None:
    """Import the bank's rows of a day, decide which is recorded already, and show the tie-out."""
    of_bank = [posting for posting in postings if posting.account == ACCOUNT]
    known = next(each for each in of_bank if each.moment.date() == day and each.type == "credit")
    content = bank_file(known, sum(map(_effect, of_bank)), day)
    stored = upload(client, content, {"account": ACCOUNT}, key=f"bakery-{day}-bank-file")
    stored = client.request("GET", f"/v1/imports/{stored['id']}")
    if stored["status"] == "preview":
        decisions = [_decision(row) for row in rows(client, stored, report) if row["candidates"]]
        if decisions:
            path = f"/v1/imports/{stored['id']}"
            stored = client.request("PATCH", path, {"decisions": decisions})
            report(f"Bank file of {day}: row {decisions[0]['row']} is the same as an entry")
        stored, items = record(client, stored, report)
    else:
        items = rows(client, stored, report)
    print(rows_table(items))
    print_tie_outs(stored, report)


def bank_file(known: Posting, balance_cents: int, day: date) -> bytes:
    """Return the OFX file: an entry that is known, a fee and interest, and the closing balance."""
    amounts = [
        (_effect(known), known.description),
        (_FEE_CENTS, "TARIFA CESTA DE SERVIÇOS"),
        (_INTEREST_CENTS, "RENDIMENTO DE APLICAÇÃO"),
    ]
    transactions = "".join(
        f"<STMTTRN><TRNTYPE>OTHER<DTPOSTED>{day:%Y%m%d}<TRNAMT>{_decimal(cents)}"
        f"<FITID>{day:%Y%m%d}{number}<MEMO>{text}</STMTTRN>\n"
        for number, (cents, text) in enumerate(amounts, start=1)
    )
    closing = _decimal(balance_cents + _FEE_CENTS + _INTEREST_CENTS)
    text = (
        "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nENCODING:USASCII\nCHARSET:1252\n\n"
        "<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>BRL"
        "<BANKACCTFROM><BANKID>999<ACCTID>12345-6</BANKACCTFROM>"
        f"<BANKTRANLIST>{transactions}</BANKTRANLIST>"
        f"<LEDGERBAL><BALAMT>{closing}<DTASOF>{day:%Y%m%d}</LEDGERBAL>"
        "</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>"
    )
    return text.encode("cp1252")


def _decision(row: dict[str, Any]) -> dict[str, Any]:
    return {"row": row["row"], "decision": "same", "entry": row["candidates"][0]["entry"]}


def _effect(posting: Posting) -> int:
    return posting.cents if posting.type == "credit" else -posting.cents


def _decimal(cents: int) -> str:
    sign, cents = "-" if cents < 0 else "", abs(cents)
    return f"{sign}{cents // 100}.{cents % 100:02}"

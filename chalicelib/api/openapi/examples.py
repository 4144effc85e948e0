"""An example of each parameter and body in the OpenAPI document, which runs as it is pasted.

Ids are made up; the documentation page replaces them by those of the signed-in user's book.
"""

from collections.abc import Mapping
from typing import Any

_ENTRY = "mfrggzdfmztwq2lknnwg23tpobyxe43u"
_STATEMENT = """OFXHEADER:100
DATA:OFXSGML
VERSION:102
SECURITY:NONE
ENCODING:UTF-8
CHARSET:NONE
COMPRESSION:NONE
OLDFILEUID:NONE
NEWFILEUID:NONE

<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>BRL
<BANKACCTFROM><BANKID>0001<ACCTID>12345-6<ACCTTYPE>CHECKING</BANKACCTFROM>
<BANKTRANLIST><DTSTART>20261101<DTEND>20261130
<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20261123<TRNAMT>150.75<FITID>A17<MEMO>PIX RECEBIDO</STMTTRN>
</BANKTRANLIST></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
"""
PARAMETERS: Mapping[str, Any] = {
    "Idempotency-Key": "sale-2026-11-23-0042",
    "account": "main",
    "consolidation_id": f"2026-11-23-{_ENTRY}",
    "day": "2026-11-23",
    "entry": _ENTRY,
    "entry_id": _ENTRY,
    "from": "2026-11-01",
    "import_id": "0123456789abcdefghijklmnopqrstuv",
    "month": "2026-11",
    "name": "energia",
    "slug": "energy",
    "to": "2026-11-30",
    "version": 1,
}
# These are filled in only where they are required: with them, a list would be shorter.
ONLY_REQUIRED = {"account", "entry", "from", "to"}
NEEDED = {("create_import", "account")}  # the account in the file is none of the book's yet
BODIES: Mapping[str, Any] = {
    "record_entry": {
        "type": "credit",
        "amount": "150.75",
        "description": "Venda balcão",
        "category": "sales",
        "metadata": {"order": "A-17"},
    },
    "record_entries": {
        "entries": [
            {"idempotency_key": "sale-43", "type": "credit", "amount": "12.50"},
            {"idempotency_key": "bill-44", "type": "debit", "amount": "80.10", "account": "bank"},
        ]
    },
    "reverse_entry": {"reason": "Valor errado"},
    "erase_texts": {},
    "correct_category": {"category": "sales"},
    "put_merchant": {
        "name": "Padaria São João",
        "document": "529.982.247-25",
        "town": "Campinas",
        "state": "SP",
    },
    "create_import": _STATEMENT,
    "decide_import_rows": {
        "decisions": [
            {"row": 1, "decision": "leave_out"},
            {"row": 2, "decision": "same", "entry": _ENTRY},
        ]
    },
    "record_import": {},
    "undo_import": {"reason": "Arquivo errado"},
    "put_import_mapping": {"day": "Data", "description": ["Histórico"], "amount": "Valor"},
    "put_import_accounts": {"accounts": {"12345-6": "bank"}},
    "put_rule": {
        "order": 10,
        "when": {"text": "energisa", "type": "debit"},
        "then": {"category": "energy"},
    },
    "put_category": {"name": "Energia", "accounting_code": "3.1.01"},
    "start_consolidation": {"day": "2026-11-22"},
}


def with_example(operation_id: str, parameter: dict[str, Any]) -> dict[str, Any]:
    """Return a parameter of an operation with its example, if it has one."""
    name = str(parameter["name"])
    is_optional = name in ONLY_REQUIRED and not parameter.get("required")
    if name not in PARAMETERS or (is_optional and (operation_id, name) not in NEEDED):
        return parameter
    return {**parameter, "example": PARAMETERS[name]}


def content_with_example(operation_id: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of a request body with its example; of files, only the first type's."""
    first = next(iter(content))
    return {**content, first: {**content[first], "example": BODIES[operation_id]}}

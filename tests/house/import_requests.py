"""Requests that import bank files, with every kind of item and object that they store."""

from collections.abc import Callable
from typing import Any

from tests.bank_files.examples import ofx, transaction

Send = Callable[..., dict[str, Any]]
MERCHANT, DAY = "reading-bakery", "2025-04-14"
FILE = ofx(
    transaction(DAY.replace("-", ""), "-1.00", "a1", "PIX")
    + transaction(DAY.replace("-", ""), "5.00", "a2", "TARIFA"),
    balance=f"<LEDGERBAL><BALAMT>14.00<DTASOF>{DAY.replace('-', '')}</LEDGERBAL>",
)
OFX = {"Content-Type": "application/x-ofx"}
MAPPING = {"day": "Data", "description": ["Texto"], "amount": "Valor"}


def send_imports(send: Send) -> None:
    """Preview, decide, record, erase and undo, and how files are read."""
    _send_settings(send)
    send("POST /v1/imports", FILE, "import", headers=OFX, merchant=MERCHANT)
    query = {"headers": OFX, "merchant": MERCHANT, "query": "account=bank"}
    send("POST /v1/imports", "no bank file", "import", **query)
    send("POST /v1/imports", FILE, "import", merchant=MERCHANT)
    by_hand = {
        "type": "debit",
        "amount": "1.00",
        "account": "bank",
        "occurred_at": f"{DAY}T12:00:00Z",
    }
    send("POST /v1/entries", by_hand, "by-hand-too", merchant=MERCHANT)
    for _ in range(2):
        made = send("POST /v1/imports", FILE, "import", **query)["json"]
    here = {"merchant": MERCHANT, "import_id": made["id"]}
    for decisions in ([{"row": 1, "decision": "new"}], [{"row": 1, "decision": "leave_out"}]):
        send("PATCH /v1/imports/{import_id}", {"decisions": decisions}, **here)
    for _ in range(2):
        send("PUT /v1/imports/{import_id}/recording", {}, **here)
    send("GET /v1/imports/{import_id}", **here)
    send("GET /v1/imports", merchant=MERCHANT, query="limit=1")
    rows = send("GET /v1/imports/{import_id}/rows", query="outcome=created", **here)["json"][
        "items"
    ]
    send("GET /v1/imports/{import_id}/rows", query="limit=1", **here)
    entry = {"merchant": MERCHANT, "entry_id": rows[0]["entry"]}
    send("POST /v1/entries/{entry_id}/erasure", {}, "erase-row", **entry)
    send("PUT /v1/imports/{import_id}/undo", {"reason": "wrong"}, **here)
    send("GET /v1/imports/{import_id}", merchant="another-bakery", import_id=made["id"])


def _send_settings(send: Send) -> None:
    send("PUT /v1/import-mappings/{name}", MAPPING, merchant=MERCHANT)
    send("GET /v1/import-mappings/{name}", merchant=MERCHANT)
    send("GET /v1/import-mappings", merchant=MERCHANT)
    send("DELETE /v1/import-mappings/{name}", merchant=MERCHANT)
    send("GET /v1/import-presets", query="limit=1")
    accounts = {"accounts": {"00012-3": "bb"}}
    send("PUT /v1/import-accounts", accounts, merchant=MERCHANT)
    stale = {"If-Match": 'W/"other"'}
    send("PUT /v1/import-accounts", {"accounts": {}}, merchant=MERCHANT, headers=stale)
    send("GET /v1/import-accounts", merchant=MERCHANT)

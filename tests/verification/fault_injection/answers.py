"""Bodies as they are sent, and answers as a sound service gives them."""

from typing import Any

from verification.fault_injection.book import Accepted
from verification.fault_injection.expected_entry import entry_sent

BODY: dict[str, Any] = {
    "type": "credit",
    "amount": "10.00",
    "currency": "BRL",
    "account": "main",
    "occurred_at": "2026-11-23T10:00:00-03:00",
    "description": "Venda balcão",
    "category": "sales",
}
NOTHING_MORE: dict[str, Any] = {
    "day": "2026-11-23",
    "metadata": {},
    "reverses": None,
    "reversed_by": None,
}


def accepted(entry_id: str, body: dict[str, Any] = BODY, **told: Any) -> Accepted:
    """Return an entry whose answer says what was sent, and otherwise what is `told`."""
    answer = {"id": entry_id, **body, **NOTHING_MORE, **told}
    return Accepted("padaria", entry_id, entry_sent(body), answer)

"""Requests of the scenario by which a merchant sets itself up: profile, categories, rules."""

from collections.abc import Callable
from typing import Any

PROFILE = {"name": "Padaria", "document": "529.982.247-25", "town": "Campinas", "state": "SP"}
RULE = {"order": 1, "when": {"text": "tarifa"}, "then": {"category": "fees"}}


def send_settings(send: Callable[..., Any], entry_id: str) -> None:
    """Set, read and delete what a merchant sets up, and correct the category of an entry."""
    for category in ("energy", "rent"):
        send("PUT /v1/entries/{entry_id}/category", {"category": category}, entry_id=entry_id)
    send("GET /v1/merchant")
    send("PUT /v1/merchant", PROFILE)
    send("GET /v1/merchant")
    send("PUT /v1/categories/{slug}", {"name": "Vendas", "accounting_code": "3.1.01"})
    send("GET /v1/categories")
    send("PUT /v1/rules/{name}", RULE)
    send("GET /v1/rules")
    send("DELETE /v1/rules/{name}")

"""An audit reads the service's lists, balances and cash flow, and misses nothing that is off."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from local.paths import Paths
from tests.verification.fault_injection.answers import BODY, accepted
from verification.fault_injection.audit import Audit, audit
from verification.fault_injection.book import Book
from verification.fault_injection.consumer import Consumer
from verification.fault_injection.expected_entry import minor_units
from verification.local_cluster import Laptop

Told = dict[str, Any]


class Service(Consumer):
    """Tells of the entries that it holds; a test changes some of them, or what it counts."""

    def __init__(self, held: list[Told]) -> None:
        super().__init__(Laptop(Paths(Path("none")), Path("none")), "operator", "padaria")
        self.listed, self.added_up = list(held), list(held)
        self.opening_minor = 0

    def get(self, path: str, patience: float = 0.0) -> Any:
        request = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        if path.startswith("/v1/entries"):
            return {"items": self.listed, "next_cursor": None}
        names = ("account", "currency")
        held = [
            one
            for one in self.added_up
            if all(one[name] == request.get(name, one[name]) for name in names)
        ]
        if path.startswith("/v1/cash-flow"):
            return {"items": _flow(held, request["group"])}
        net = self.opening_minor + sum(_effect(one) for one in held)
        return {"items": [{"day": "2026-11-23", "closing": f"{net}", "entries": len(held)}]}


def _flow(held: list[Told], group: str) -> list[Told]:
    sides: dict[str, Told] = defaultdict(lambda: {"credits": 0, "debits": 0})
    for one in held:
        sides[one[group]][f"{one['type']}s"] += abs(_effect(one))
    return [
        {"period": "2026-11", "group": name} | {side: f"{minor}" for side, minor in result.items()}
        for name, result in sides.items()
    ]


def _effect(one: Told) -> int:
    minor = minor_units(one["amount"])
    return minor if one["type"] == "credit" else -minor


def book() -> Book:
    result = Book()
    result.accept(accepted("a"))
    result.accept(accepted("b", BODY | {"type": "debit", "account": "bank"}))
    return result


def audited(wrong: Callable[[Service], object]) -> Audit:
    """Return the audit of a service that holds the book, apart from a mistake."""
    held = book()
    service = Service([entry.answer for entry in held.entries.values()])
    wrong(service)
    return audit(held, [service])


def test_a_service_that_tells_what_was_sent_is_clean() -> None:
    result = audited(lambda _service: None)
    assert result.clean and (result.accepted, result.listed) == (2, 2)


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        (lambda one: one.listed.pop(), "lost"),
        (lambda one: one.listed.append(one.listed[0]), "doubled"),
        (lambda one: one.added_up.append(one.added_up[0]), "doubled"),
        (lambda one: one.added_up.pop(), "uncounted"),
        (lambda one: one.listed.append(one.listed[0] | {"id": "c"}), "unknown"),
        (lambda one: one.added_up.append(one.added_up[0] | {"account": "other"}), "drift_minor"),
    ],
)
def test_what_is_off_is_told(wrong: Callable[[Service], object], name: str) -> None:
    result = audited(wrong)
    assert getattr(result, name) and not result.clean


@pytest.mark.parametrize("name", ["repaired", "repaired_by_nights", "contradictions"])
def test_an_audit_with_a_repair_or_contradiction_is_not_clean(name: str) -> None:
    changed: dict[str, Any] = {name: 1}
    assert not replace(audited(lambda _service: None), **changed).clean


def test_an_entry_that_is_listed_otherwise_than_sent_is_a_contradiction() -> None:
    def wrong(service: Service) -> None:
        service.listed[0] = service.listed[0] | {"amount": "1.00"}

    result = audited(wrong)
    assert result.examples == ("a is listed: amount must be 10.00, and is 1.00",)
    assert result.contradictions == 1 and not result.clean


def test_balances_that_open_wrong_are_drift_though_the_cash_flow_agrees() -> None:
    def wrong(service: Service) -> None:
        service.opening_minor = 1

    result = audited(wrong)
    assert result.drift_minor > 0 and not result.clean
    assert (result.lost, result.doubled, result.uncounted, result.contradictions) == (0, 0, 0, 0)


def test_a_cash_flow_under_another_category_is_drift_though_balances_agree() -> None:
    def wrong(service: Service) -> None:
        service.added_up[0] = service.added_up[0] | {"category": "suppliers"}

    assert audited(wrong).drift_minor == 2000

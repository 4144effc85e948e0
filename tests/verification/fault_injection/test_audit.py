"""An audit of the service's lists, balances and cash flows detects every difference."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.verification.fault_injection.service import BODY, Service, accepted
from verification.fault_injection.audit import Audit, audit
from verification.fault_injection.expected_entry import AcceptedEntries


def audited(mistake: Callable[[Service], object] = lambda _service: None) -> Audit:
    """Return the audit of a service that holds the accepted entries, apart from a mistake."""
    entries = AcceptedEntries()
    entries.accept(accepted("a"))
    entries.accept(accepted("b", BODY | {"type": "debit", "account": "bank"}))
    service = Service(held=[entry.response for entry in entries.by_id.values()])
    mistake(service)
    return audit(entries, [service])


def test_correct_service_is_clean() -> None:
    result = audited()
    assert result.clean and (result.accepted, result.listed) == (2, 2)


@pytest.mark.parametrize(
    ("mistake", "name"),
    [
        (lambda service: service.listed.pop(), "lost"),
        (lambda service: service.listed.append(service.listed[0]), "doubled"),
        (lambda service: service.totalled.append(service.totalled[0]), "doubled"),
        (lambda service: service.totalled.pop(), "uncounted"),
        (lambda service: service.listed.append(service.listed[0] | {"id": "c"}), "unknown"),
        (
            lambda service: service.totalled.append(service.totalled[0] | {"account": "other"}),
            "drift_minor",
        ),
    ],
)
def test_difference_has_its_own_count(mistake: Callable[[Service], object], name: str) -> None:
    result = audited(mistake)
    assert getattr(result, name) and not result.clean


@pytest.mark.parametrize("name", ["repaired", "repaired_by_closing", "contradictions"])
def test_repair_or_contradiction_is_not_clean(name: str) -> None:
    changes: dict[str, Any] = {name: 1}
    assert not replace(audited(), **changes).clean


def test_entry_listed_differently_is_contradiction() -> None:
    def mistake(service: Service) -> None:
        service.listed[0] = service.listed[0] | {"amount": "1.00"}

    result = audited(mistake)
    assert result.examples == ("a is listed: amount must be 10.00, and is 1.00",)
    assert result.contradictions == 1 and not result.clean


def test_wrong_opening_is_drift() -> None:
    def mistake(service: Service) -> None:
        service.opening_minor = 1

    result = audited(mistake)
    assert result.drift_minor == 4 and not result.clean  # two accounts, and both totals
    assert (result.lost, result.doubled, result.uncounted, result.contradictions) == (0, 0, 0, 0)


def test_cash_flow_of_another_category_is_drift() -> None:
    def mistake(service: Service) -> None:
        service.totalled[0] = service.totalled[0] | {"category": "suppliers"}

    assert audited(mistake).drift_minor == 2000

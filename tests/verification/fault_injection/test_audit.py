"""An audit of the service's lists, balances and cash flows detects every difference."""

from collections.abc import Callable

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
    assert audited() == Audit(2, 2, 0, 0, 0, 0, 0, 0)


ELSEWHERE = accepted("a").response | {"account": "other"}
MISTAKES: list[tuple[str, Callable[[Service], object]]] = [
    ("lost", lambda service: service.listed.pop()),
    ("doubled", lambda service: service.listed.append(service.listed[0])),
    ("doubled", lambda service: service.totalled.append(service.totalled[0])),
    ("uncounted", lambda service: service.totalled.pop()),
    ("unknown", lambda service: service.listed.append(service.listed[0] | {"id": "c"})),
    ("drift_minor", lambda service: service.totalled.append(ELSEWHERE)),
]


@pytest.mark.parametrize(("name", "mistake"), MISTAKES)
def test_difference_has_its_own_count(name: str, mistake: Callable[[Service], object]) -> None:
    assert getattr(audited(mistake), name)


def test_entry_listed_differently_is_contradiction() -> None:
    def mistake(service: Service) -> None:
        service.listed[0] = service.listed[0] | {"amount": "1.00"}

    result = audited(mistake)
    assert result.examples == ("a is listed: amount must be 10.00, and is 1.00",)
    assert result.contradictions == 1


def test_wrong_opening_is_drift() -> None:
    def mistake(service: Service) -> None:
        service.opening_minor = 1

    # of two accounts, and of both totals
    assert audited(mistake) == Audit(2, 2, 0, 0, 0, 0, drift_minor=4, contradictions=0)


def test_cash_flow_of_another_category_is_drift() -> None:
    def mistake(service: Service) -> None:
        service.totalled[0] = service.totalled[0] | {"category": "suppliers"}

    assert audited(mistake).drift_minor == 2000

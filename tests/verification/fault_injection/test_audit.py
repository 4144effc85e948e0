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
MISTAKES: list[tuple[dict[str, int], Callable[[Service], object]]] = [
    ({"lost": 1, "listed": 1}, lambda service: service.listed.pop()),
    ({"doubled": 1, "listed": 3}, lambda service: service.listed.append(service.listed[0])),
    ({"doubled": 1}, lambda service: service.totalled.append(service.totalled[0])),
    ({"uncounted": 1}, lambda service: service.totalled.pop()),
    ({"unknown": 1}, lambda service: service.listed.append(service.listed[0] | {"id": "c"})),
    ({"drift_minor": 3000}, lambda service: service.totalled.append(ELSEWHERE)),
    # of two accounts, and of both totals
    ({"drift_minor": 4}, lambda service: setattr(service, "opening_minor", 1)),
    ({"drift_minor": 2000}, lambda service: service.totalled[0].update(category="suppliers")),
    ({"contradictions": 1}, lambda service: service.listed[0].update(amount="1.00")),
]


@pytest.mark.parametrize(("counts", "mistake"), MISTAKES)
def test_difference_has_its_own_count(
    counts: dict[str, int], mistake: Callable[[Service], object]
) -> None:
    result = audited(mistake)
    assert {name: getattr(result, name) for name in counts} == counts
    examples = ("a is listed: amount must be 10.00, and is 1.00",)
    assert result.examples == (examples if result.contradictions else ())

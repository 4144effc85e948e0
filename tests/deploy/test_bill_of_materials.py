"""The audit of the bill of materials, with a service that responds as OSV does."""

import json
from collections.abc import Iterator

import pytest

from deploy.bill_of_materials import AuditError, audit, audit_text
from verification.kit.http_server import Received, Sent, serving

BILL = {"components": [{"purl": "pkg:pypi/good@1"}, {"purl": "pkg:pypi/bad@2"}]}


def respond(request: Received) -> Sent:
    """Report one vulnerability of `bad`."""
    results = [
        {"vulns": [{"id": "PYSEC-1"}]} if "/bad@" in query["package"]["purl"] else {}
        for query in json.loads(request.body)["queries"]
    ]
    return Sent(200, {"results": results})


@pytest.fixture
def service() -> Iterator[str]:
    with serving(respond) as url:
        yield url


def test_vulnerable_package_has_its_advisory(service: str) -> None:
    vulnerabilities = audit(BILL, service)
    assert vulnerabilities == {"pkg:pypi/bad@2": ["PYSEC-1"]}
    assert audit_text(vulnerabilities, 2).splitlines()[0] == "pkg:pypi/bad@2: PYSEC-1"


def test_no_vulnerability_is_reported(service: str) -> None:
    assert audit({"components": BILL["components"][:1]}, service) == {}
    assert audit_text({}, 1) == "1 packages have no known vulnerability."


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "http://nowhere.invalid"])
def test_unreachable_service_is_an_error(address: str) -> None:
    with pytest.raises(AuditError, match="Nothing was audited"):
        audit(BILL, address)

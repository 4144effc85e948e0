"""The audit of the bill of materials, with a service that responds as OSV does."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from deploy.bill_of_materials import AuditError, audit, audit_text

BILL = {"components": [{"purl": "pkg:pypi/good@1"}, {"purl": "pkg:pypi/bad@2"}]}


class Advisories(BaseHTTPRequestHandler):
    """Has one vulnerability, of `bad`."""

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        results = [
            {"vulns": [{"id": "PYSEC-1"}]} if "/bad@" in query["package"]["purl"] else {}
            for query in request["queries"]
        ]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"results": results}).encode())

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def service() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Advisories)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


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

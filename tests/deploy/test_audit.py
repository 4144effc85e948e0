"""The audit, against a service that answers as OSV does."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from deploy.audit import AuditError, audit, told

BILL = {"components": [{"purl": "pkg:pypi/good@1"}, {"purl": "pkg:pypi/bad@2"}]}


class Advisories(BaseHTTPRequestHandler):
    """Knows of one vulnerability, in `bad`."""

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        known = [
            {"vulns": [{"id": "PYSEC-1"}]} if "/bad@" in query["package"]["purl"] else {}
            for query in request["queries"]
        ]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"results": known}).encode())

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def service() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Advisories)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_vulnerable_package_is_named_with_its_advisory(service: str) -> None:
    result = audit(BILL, service)
    assert result == {"pkg:pypi/bad@2": ["PYSEC-1"]}
    assert told(result, 2) == "pkg:pypi/bad@2: PYSEC-1"


def test_where_nothing_is_known_that_is_said(service: str) -> None:
    assert audit({"components": BILL["components"][:1]}, service) == {}
    assert told({}, 1) == "1 packages, no known vulnerability."


@pytest.mark.parametrize("place", ["http://127.0.0.1:9", "http://nowhere.invalid"])
def test_a_silent_service_is_no_good_news(place: str) -> None:
    with pytest.raises(AuditError, match="Nothing was audited"):
        audit(BILL, place)

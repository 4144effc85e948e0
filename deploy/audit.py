"""Whether anything shipped has a known vulnerability: the bill of materials, asked of OSV.

OSV (osv.dev) collects the advisories of PyPI, GitHub and others. Only names and versions are sent.
"""

import http.client
import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

SERVICE = "https://api.osv.dev"
TIMEOUT_SECONDS = 20.0


class AuditError(Exception):
    """The advisory service did not answer, so nothing is known about anything."""


def audit(bill: dict[str, Any], service: str = SERVICE) -> dict[str, list[str]]:
    """Return the ids of known vulnerabilities by package, of those that have any.

    `bill` is a CycloneDX document. Raises AuditError.
    """
    urls = [component["purl"] for component in bill["components"]]
    answers = _ask(service, urls)
    result = {
        url: [one["id"] for one in answer.get("vulns", [])]
        for url, answer in zip(urls, answers, strict=True)
    }
    return {url: ids for url, ids in result.items() if ids}


def told(found: dict[str, list[str]], packages: int) -> str:
    """Return what an audit found, in words."""
    if not found:
        return f"{packages} packages, no known vulnerability."
    return "\n".join(f"{url}: {', '.join(ids)}" for url, ids in sorted(found.items()))


def _ask(service: str, urls: Iterable[str]) -> list[dict[str, Any]]:
    place = urlsplit(service)
    kind = http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
    connection = kind(place.netloc, timeout=TIMEOUT_SECONDS)
    request = json.dumps({"queries": [{"package": {"purl": url}} for url in urls]})
    try:
        connection.request("POST", "/v1/querybatch", request, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        results: list[dict[str, Any]] = json.loads(answer.read())["results"]
    except (OSError, http.client.HTTPException, ValueError, KeyError) as error:
        raise AuditError(
            f"Nothing was audited: {place.netloc} did not answer as OSV does "
            f"({type(error).__name__}: {error})."
        ) from error
    finally:
        connection.close()
    return results

"""The software bill of materials of the bundle (CycloneDX 1.6, ECMA-424), and its audit.

Scanners and `pip-audit` read it. Amazon Inspector finds the same packages by the metadata that
remains in the bundle. The audit queries OSV (osv.dev), which collects the advisories of PyPI,
GitHub and others, and sends it only names and versions.
"""

import http.client
import importlib.metadata
import json
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

APPLICATION = "livro-caixa"
OSV = "https://api.osv.dev"
TIMEOUT_SECONDS = 20.0


class AuditError(Exception):
    """The advisory service did not respond, so nothing is known about any package."""


def bill_of_materials(vendor: Path, bundle_sha256: str) -> dict[str, Any]:
    """Return the CycloneDX document of a bundle whose libraries are in `vendor`.

    It has no time and no serial number, so that equal bundles have equal documents.
    """
    # Chalice's runtime is not in `vendor`: `chalice package` copies it from this environment.
    libraries = importlib.metadata.distributions(path=[str(vendor)])
    components = [
        _component(importlib.metadata.distribution("chalice")),
        *map(_component, sorted(libraries, key=lambda library: library.metadata["Name"].lower())),
    ]
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": APPLICATION,
                "name": APPLICATION,
                "hashes": [{"alg": "SHA-256", "content": bundle_sha256}],
            }
        },
        "components": components,
        "dependencies": [
            {"ref": APPLICATION, "dependsOn": [component["bom-ref"] for component in components]}
        ],
    }


def audit(bill: dict[str, Any], service: str = OSV) -> dict[str, list[str]]:
    """Return the ids of known vulnerabilities by package, for packages that have any.

    `bill` is a CycloneDX document. Raises AuditError.
    """
    urls = [component["purl"] for component in bill["components"]]
    results = _query(service, urls)
    ids = {
        url: [vulnerability["id"] for vulnerability in result.get("vulns", [])]
        for url, result in zip(urls, results, strict=True)
    }
    return {url: vulnerabilities for url, vulnerabilities in ids.items() if vulnerabilities}


def audit_text(vulnerabilities: dict[str, list[str]], packages: int) -> str:
    """Return the result of an audit of this number of packages, a line per vulnerable package."""
    if not vulnerabilities:
        return f"{packages} packages have no known vulnerability."
    lines = [f"{url}: {', '.join(ids)}" for url, ids in sorted(vulnerabilities.items())]
    return "\n".join([*lines, "Update these packages in requirements.txt (https://osv.dev/<id>)."])


def _query(service: str, urls: list[str]) -> list[dict[str, Any]]:
    address = urlsplit(service)
    secure = address.scheme == "https"
    connect = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    request = json.dumps({"queries": [{"package": {"purl": url}} for url in urls]})
    headers = {"Content-Type": "application/json"}
    try:
        with closing(connect(address.netloc, timeout=TIMEOUT_SECONDS)) as connection:
            connection.request("POST", "/v1/querybatch", request, headers)
            results: list[dict[str, Any]] = json.loads(connection.getresponse().read())["results"]
    except (OSError, http.client.HTTPException, ValueError, KeyError) as error:
        raise AuditError(
            f"Nothing was audited: {address.netloc} did not respond as OSV does "
            f"({type(error).__name__}: {error}). Try again later."
        ) from error
    return results


def _component(library: importlib.metadata.Distribution) -> dict[str, Any]:
    name, version = library.metadata["Name"], library.version
    url = f"pkg:pypi/{name.lower().replace('_', '-')}@{version}"
    component = {"type": "library", "bom-ref": url, "name": name, "version": version, "purl": url}
    metadata = library.metadata.json
    licence = metadata.get("license_expression") or _one_line(metadata.get("license"))
    return component | ({"licenses": [{"license": {"name": licence}}]} if licence else {})


def _one_line(text: str | list[str] | None) -> str | None:
    # Some packages give the whole text of their licence.
    return text if isinstance(text, str) and "\n" not in text else None

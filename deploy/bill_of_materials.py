"""What is in the bundle, as a software bill of materials (CycloneDX 1.6, ECMA-424).

Scanners and `pip-audit` read it, and Amazon Inspector finds the same packages by the metadata that
stays in the bundle.
"""

import importlib.metadata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

APPLICATION = "livro-caixa"


def bill_of_materials(vendor: Path, bundle_sha256: str) -> dict[str, Any]:
    """Return the CycloneDX document of a bundle whose libraries lie in `vendor`.

    It holds no time and no serial number, so that equal bundles have equal documents.
    """
    components = [_chalice(), *_libraries(vendor)]
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


def _libraries(vendor: Path) -> Iterator[dict[str, Any]]:
    result = importlib.metadata.distributions(path=[str(vendor)])
    for library in sorted(result, key=lambda one: one.metadata["Name"].lower()):
        yield _component(library)


def _chalice() -> dict[str, Any]:
    # Its runtime is put in by `chalice package`, from the environment that packs.
    return _component(importlib.metadata.distribution("chalice"))


def _component(library: importlib.metadata.Distribution) -> dict[str, Any]:
    name, version = library.metadata["Name"], library.version
    url = f"pkg:pypi/{name.lower().replace('_', '-')}@{version}"
    component = {"type": "library", "bom-ref": url, "name": name, "version": version, "purl": url}
    result = library.metadata.json
    licence = result.get("license_expression") or _short(result.get("license"))
    return component | ({"licenses": [{"license": {"name": licence}}]} if licence else {})


def _short(text: str | list[str] | None) -> str | None:
    # Some packages put the whole licence here.
    return text if isinstance(text, str) and "\n" not in text else None

"""What is shipped to Lambda: one zip for all functions, its size, its hash and its contents."""

import hashlib
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

from deploy import chalice_cli
from deploy.bill_of_materials import bill_of_materials
from deploy.libraries import ARM
from deploy.paths import PROJECT, Places
from deploy.staging import configure, stage_application

# Lambda's own limit is 250 MB unpacked; this one keeps cold starts short.
AIM_BYTES = 15 * 1000 * 1000


@dataclass(frozen=True, slots=True)
class Bundle:
    """The zip: where it is, and what is told of it."""

    path: Path

    @property
    def size(self) -> int:
        """Its size in bytes."""
        return self.path.stat().st_size

    @property
    def unpacked_size(self) -> int:
        """The size in bytes of all its files."""
        with zipfile.ZipFile(self.path) as archive:
            return sum(member.file_size for member in archive.infolist())

    @property
    def sha256(self) -> str:
        """Its SHA-256 in hex; Lambda's CodeSha256 is the same in base64."""
        return hashlib.sha256(self.path.read_bytes()).hexdigest()


def make_bundle(places: Places, architecture: str = ARM, source: Path = PROJECT) -> Bundle:
    """Make the bundle, and beside it the list of what is in it, in CycloneDX."""
    stage_application(places.staged, architecture, source)
    return pack(places, "bundle", {"lambda_architecture": architecture})


def pack(places: Places, stage: str, settings: dict[str, object]) -> Bundle:
    """Have Chalice pack the staged application, and write down what is in it."""
    configure(places.staged, stage, settings)
    merged = places.root / "merge.json"
    merged.write_text("{}")
    chalice_cli.package(places.staged, stage, merged, places.packed)
    bundle = Bundle(places.packed / chalice_cli.BUNDLE)
    bill = bill_of_materials(places.staged / "vendor", bundle.sha256)
    places.bill_of_materials.write_text(json.dumps(bill, indent=2))
    return bundle

"""The saved digests of traces: what the first seeds did before a refactoring, and do after it."""

import json
from collections.abc import Mapping
from pathlib import Path

SEEDS = 200
FILE = Path(__file__).with_name("trace_digests.json")


def saved() -> list[str]:
    """Return the saved digests of seeds 0 to 199."""
    digests: list[str] = json.loads(FILE.read_text())
    return digests


def save(digests: Mapping[int, str]) -> None:
    """Save the digests of seeds 0 to 199."""
    lines = [digests[seed] for seed in range(SEEDS)]
    FILE.write_text(json.dumps(lines, indent=0) + "\n")


def differing(digests: Mapping[int, str]) -> list[int]:
    """Return the seeds whose digest is missing or is not the saved one."""
    return [seed for seed, digest in enumerate(saved()) if digests.get(seed) != digest]

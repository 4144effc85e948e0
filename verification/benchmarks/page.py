"""The page of all findings, docs/benchmarks.md, and the same as JSON for the report card."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from verification.benchmarks.comparisons import Extent
from verification.benchmarks.results import Finding, markdown
from verification.benchmarks.run_metadata import Circumstances

_HEAD = """# Speed beside peers

Made by `make bench` on {date} at commit {commit}, on {machine}, Python {python}. The contenders \
of a comparison take turns in one run, so that the machine and its noise are the same for all, and \
each is told by its best of {rounds} rounds. **Read the ratios**; bare times belong to that \
machine.

**{summary}**

Held against: {versions}. What is absent has no rows; `apt-get install hledger ledger` brings the \
two that are no Python packages. Fewer entries: `make bench ENTRIES=100000`; some comparisons \
alone: `make bench ONLY="handler reads"`, printed and not written."""


def write_page(
    folder: Path,
    about: Circumstances,
    extent: Extent,
    versions: Mapping[str, str],
    findings: Mapping[str, Finding],
) -> Path:
    """Write benchmarks.md and benchmarks.json into a folder; return the page's path."""
    result = {
        "about": asdict(about) | asdict(extent) | {"versions": dict(versions)},
        "summary": summary(findings),
        "findings": {name: _told(finding) for name, finding in findings.items()},
    }
    text = json.dumps(result, indent=2, ensure_ascii=False)
    (folder / "verification.benchmarks.json").write_text(text + "\n", encoding="utf-8")
    head = _HEAD.format(
        **asdict(about),
        rounds=extent.rounds,
        summary=summary(findings),
        versions=", ".join(f"{name} {version}" for name, version in versions.items()),
    )
    page = folder / "verification.benchmarks.md"
    sections = [head, *(markdown(finding) for finding in findings.values())]
    page.write_text("\n\n".join(sections) + "\n", encoding="utf-8")
    return page


def summary(findings: Mapping[str, Finding]) -> str:
    """Return how many targets are met, and which are missed."""
    targets = [(finding, target) for finding in findings.values() for target in finding.targets]
    missed = [f"{one.title}, {target.name}" for one, target in targets if not target.met]
    met = f"{len(targets) - len(missed)} of {len(targets)} targets are met"
    return f"{met}; missed: {'; '.join(missed)}." if missed else f"{met}."


def _told(finding: Finding) -> dict[str, Any]:
    targets = [asdict(target) | {"met": target.met} for target in finding.targets]
    return asdict(finding) | {"targets": targets}

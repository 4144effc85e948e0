"""The ratios of a comparison beside those of the published report."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.paths import PROJECT
from verification.benchmarks.results import times
from verification.report_page import table

REPORT = PROJECT / "docs" / "report.json"


def published_benchmarks(path: Path = REPORT) -> Mapping[str, Any]:
    """Return the benchmarks of the published report, or {} if there is none."""
    if not path.exists():
        return {}
    benchmarks: dict[str, Any] = json.loads(path.read_text("utf-8"))["parts"].get("benchmarks", {})
    return benchmarks


def ratios_table(comparison: Mapping[str, Any], published: Mapping[str, Any]) -> str:
    """Return a comparison's ratios, each with its bound and the published ratio, as Markdown.

    A ratio that the report lacks has none.
    """
    compared = published.get("outcome", {}).get("comparisons", ())
    earlier = {
        target["name"]: times(target["ratio"])
        for other in compared
        if other["title"] == comparison["title"]
        for target in other["targets"]
    }
    date = published.get("about", {}).get("date", "absent")
    rows = [
        [
            "met" if target["met"] else "**missed**",
            target["name"],
            times(target["ratio"]),
            earlier.get(target["name"], "–"),
            f"{target['side']} {target['bound']:g} ×",
        ]
        for target in comparison["targets"]
    ]
    return table(["", "ratio", "now", f"report of {date}", "bound"], rows)

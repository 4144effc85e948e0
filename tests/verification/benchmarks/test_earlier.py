"""Ratios are shown beside the published ones of the same comparison."""

import json
from pathlib import Path

from verification.benchmarks.earlier import published_benchmarks, ratios_table

TARGET = {"side": "at most", "bound": 1.5, "reason": "", "met": True}
PUBLISHED = {
    "about": {"date": "2026-11-28 12:02 UTC"},
    "outcome": {
        "comparisons": [
            {"title": "Reads", "targets": [{**TARGET, "name": "one day", "ratio": 0.974}]},
            {"title": "Others", "targets": [{**TARGET, "name": "a year", "ratio": 3.0}]},
        ]
    },
}
NOW = {
    "title": "Reads",
    "targets": [
        {**TARGET, "name": "one day", "ratio": 1.25},
        {**TARGET, "name": "a year", "ratio": 1.75, "met": False},
    ],
}


def test_published_ratio_is_beside_todays() -> None:
    assert ratios_table(NOW, PUBLISHED).splitlines() == [
        "|  | ratio | now | report of 2026-11-28 12:02 UTC | bound |",
        "| --- | --- | --- | --- | --- |",
        "| met | one day | 1.25 × | 0.97 × | at most 1.5 × |",
        "| **missed** | a year | 1.75 × | – | at most 1.5 × |",
    ]


def test_no_report_is_no_error(tmp_path: Path) -> None:
    published = published_benchmarks(tmp_path / "absent.json")
    assert "| met | one day | 1.25 × | – |" in ratios_table(NOW, published)


def test_benchmarks_are_read_from_the_report(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text(json.dumps({"parts": {"benchmarks": PUBLISHED}}))
    assert published_benchmarks(path) == PUBLISHED

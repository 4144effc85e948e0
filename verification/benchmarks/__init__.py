"""Benchmarks: ratios within one run, because no two machines or moments are alike."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured: rounds of each contender, and entries in large comparisons."""

    rounds: int
    entries: int


COMPARISONS = {
    "projection": "projection",
    "load": "load",
    "rebuild": "rebuild",
    "totals": "recompute_totals",
    "handler": "handler_cost",
    "bank rows": "bank_rows",
    "reads": "reads",
    "statements": "statement_files",
    "imports": "import_files",
    "night": "night",
}
"""The module of each comparison, which has the function `measure(Extent) -> Comparison`."""

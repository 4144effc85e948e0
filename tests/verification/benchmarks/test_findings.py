"""What a benchmark found is told with its targets, missed ones with the reason."""

from verification.benchmarks.page import summary
from verification.benchmarks.results import Finding, Target, markdown

FAST = Target("fast", 0.9, "at least", 0.8, "never told")
SLOW = Target("slow", 1.6, "at most", 1.5, "It does more.")


def test_a_target_is_met_on_its_own_side_of_the_bound() -> None:
    assert FAST.met
    assert not SLOW.met
    assert Target("even", 1.5, "at most", 1.5).met


def test_a_missed_target_is_told_as_missed_with_its_reason() -> None:
    page = markdown(Finding("Title", "About.", ["", "time"], [["ours", "1 s"]], [FAST, SLOW]))
    assert "| ours | 1 s |" in page
    assert "- **met** · fast: 0.90 × (at least 0.8 ×)\n" in page
    assert "- **missed** · slow: 1.60 × (at most 1.5 ×). It does more." in page
    assert "never told" not in page


def test_the_summary_names_what_is_missed() -> None:
    finding = Finding("Title", "About.", [], [], [FAST, SLOW])
    assert summary({"one": finding}) == "1 of 2 targets are met; missed: Title, slow."

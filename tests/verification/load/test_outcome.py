"""No read and no write may be lost at the given rates."""

from dataclasses import replace

import pytest

from verification.fault_injection.audit import Audit
from verification.load.open_loop import LoadResult
from verification.load.outcome import Extent, Outcome, Phase
from verification.load.sizing import Cost

RESULT = LoadResult(50.0, 60.0, 3000, 0, 1.0, 2.0, 3.0, 4.0)
LOST = replace(RESULT, lost=1)
PHASE = Phase(RESULT, RESULT)
OUTCOME = Outcome(
    extent=Extent(60.0, 50.0, 200.0, 5.0, 10.0, 2000, 2, 4, 20_000.0, 1),
    http=PHASE,
    projector_down=PHASE,
    pool=PHASE,
    highest=PHASE,
    cost=Cost(0.001, 0.001),
    capacity=500.0,
    needs=[],
    audit=Audit(1, 1, 0, 0, 0, 0, 0, 0),
)


def test_load_without_loss_is_carried() -> None:
    assert OUTCOME.clean


@pytest.mark.parametrize("lost", [Phase(LOST, RESULT), Phase(RESULT, LOST)])
def test_lost_read_or_write_is_not_carried(lost: Phase) -> None:
    assert not replace(OUTCOME, http=lost).clean
    assert not replace(OUTCOME, projector_down=lost).clean
    assert not replace(OUTCOME, pool=lost).clean


def test_contradiction_is_not_carried() -> None:
    audit = replace(OUTCOME.audit, contradictions=1)
    assert not replace(OUTCOME, audit=audit).clean


def test_highest_rate_may_lose_some() -> None:
    assert replace(OUTCOME, highest=Phase(LOST, LOST)).clean
    assert not replace(OUTCOME, highest=Phase(replace(RESULT, lost=4), RESULT)).clean

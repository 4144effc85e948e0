"""Nothing may be lost at the given rates: no read, and no write either."""

from dataclasses import replace

import pytest

from verification.fault_injection.audit import Audit
from verification.load.arrivals import Told
from verification.load.outcome import Extent, Outcome, Phase
from verification.load.sizing import Cost

TOLD = Told(50.0, 60.0, 3000, 0, 1.0, 2.0, 3.0, 4.0)
LOST = replace(TOLD, lost=1)
PHASE = Phase(TOLD, TOLD)
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


def test_a_load_of_which_nothing_was_lost_is_carried() -> None:
    assert OUTCOME.carried


@pytest.mark.parametrize("lost", [Phase(LOST, TOLD), Phase(TOLD, LOST)])
def test_a_read_or_a_write_that_was_lost_is_not_carried(lost: Phase) -> None:
    assert not replace(OUTCOME, http=lost).carried
    assert not replace(OUTCOME, projector_down=lost).carried
    assert not replace(OUTCOME, pool=lost).carried


def test_an_answer_that_differs_from_what_was_sent_is_not_carried() -> None:
    audit = replace(OUTCOME.audit, contradictions=1)
    assert not replace(OUTCOME, audit=audit).carried


def test_at_the_highest_rate_a_request_in_a_thousand_may_be_lost() -> None:
    assert replace(OUTCOME, highest=Phase(LOST, LOST)).carried
    assert not replace(OUTCOME, highest=Phase(replace(TOLD, lost=4), TOLD)).carried

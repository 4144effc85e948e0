"""The deployment fills in what the size of a stage decides about its state machines."""

import json
from dataclasses import replace

import pytest

from deploy.layers import STATE_MACHINES, definition_for
from infrastructure.functions import function
from infrastructure.sizes import SIZES
from infrastructure.stages import Stage
from local.deployment import LAPTOP

NIGHT, LOAD = STATE_MACHINES["DefinitionKey"], STATE_MACHINES["LoadDefinitionKey"]


def stage(size: str) -> Stage:
    return replace(LAPTOP, size=SIZES[size])


@pytest.mark.parametrize(("size", "ranges"), [("small", 8), ("large", 12)])
def test_ranges_at_once_follow_the_size(size: str, ranges: int) -> None:
    filled = json.loads(definition_for(NIGHT, stage(size)))
    assert filled["States"]["ConsolidateRanges"].pop("MaxConcurrency") == ranges
    written = json.loads(NIGHT.read_text())
    assert written["States"]["ConsolidateRanges"].pop("MaxConcurrency") == 8
    assert filled == written
    assert ranges <= (getattr(function("consolidate_range"), size) or 0)


def test_other_definitions_stay_as_written() -> None:
    assert json.loads(definition_for(LOAD, stage("large"))) == json.loads(LOAD.read_text())

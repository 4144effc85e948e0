"""How often a scenario draws each action."""

import random
from collections.abc import Mapping

# Actions are drawn by position, so their order is part of every scenario.
WEIGHTS: Mapping[str, int] = {
    "record entry": 12,
    "record batch": 3,
    "replay request": 4,
    "reuse key": 1,
    "reverse entry": 3,
    "erase texts": 1,
    "get entry": 2,
    "deliver stream": 16,
    "close day": 2,
    "rebuild": 6,
    "read balances": 3,
    "list entries": 1,
    "flush Redis": 1,
    "replicate Redis": 1,
    "fail over Redis": 1,
    "stop store": 1,
    "rewind stream": 1,
}
RARE_WEIGHTS: Mapping[str, int] = {
    "trim stream": 2,
    "alter read model": 1,
    "insert invalid record": 1,
    "restore read model": 2,
}
RARE_SHARE = 0.2


def random_weights(chance: random.Random) -> tuple[list[str], list[int]]:
    """Return the labels of actions and the weights by which a scenario draws them."""
    weights = {label: weight * chance.choice((0, 1, 1, 2)) for label, weight in WEIGHTS.items()}
    weights["record entry"] += 1
    rare = {label: weight for label, weight in RARE_WEIGHTS.items() if chance.random() < RARE_SHARE}
    weights |= rare
    return list(weights), list(weights.values())

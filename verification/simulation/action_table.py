"""Every action of a scenario by its label, which is part of all saved traces, and how often."""

import random
from collections.abc import Callable, Mapping

from verification.simulation import actions, import_actions, store_faults
from verification.simulation.context import Context
from verification.simulation.faults import GROUPS
from verification.simulation.stores.stream import SHARDS

Action = Callable[[Context, random.Random], None]

# Actions are drawn by position, so their order is part of every scenario.
_COMMON: dict[str, tuple[int, Action]] = {
    "record entry": (12, actions.record_entry),
    "record batch": (3, actions.record_batch),
    "replay request": (4, actions.replay_request),
    "reuse key": (1, actions.reuse_key),
    "reverse entry": (3, actions.reverse_entry),
    "erase texts": (1, actions.erase_texts),
    "correct category": (3, actions.correct_category),
    "get entry": (2, actions.get_entry),
    "deliver stream": (16, actions.deliver_stream),
    "close day": (2, actions.close_day),
    "rebuild": (6, actions.rebuild_read_model),
    "flush Redis": (1, lambda context, _: context.world.cache.flush()),
    "replicate Redis": (1, lambda context, _: context.world.cache.replicate()),
    "fail over Redis": (1, lambda context, _: context.world.cache.fail_over()),
    "stop store": (
        1,
        lambda context, chance: context.world.fault_plan.take_down(
            chance.choice(GROUPS), calls=chance.choice((3, 10, 40))
        ),
    ),
    "rewind stream": (
        1, lambda context, chance: context.world.stream.rewind(chance.randrange(SHARDS))
    ),
}  # fmt: skip
_RARE: dict[str, tuple[int, Action]] = {
    "trim stream": (
        2, lambda context, chance: context.world.stream.trim(chance.randrange(SHARDS))
    ),
    "alter read model": (1, store_faults.alter_read_model),
    "insert invalid record": (1, store_faults.insert_invalid_record),
    "restore read model": (2, store_faults.restore),
    "change signing key": (1, lambda context, _: context.world.key.change()),
    "recreate read model": (1, store_faults.recreate),
}  # fmt: skip
_IMPORTS: dict[str, tuple[int, Action]] = {
    "import file": (6, import_actions.import_file),
    "import file again": (4, import_actions.import_again),
    "resume import": (4, import_actions.resume_import),
    "undo import": (8, import_actions.undo_import),
    "change imported entry": (3, import_actions.change_imported_entry),
}
_RARE_SHARE = 0.2
_IMPORTS_SHARE = 0.5
ACTIONS: Mapping[str, Action] = {
    "record late entry": actions.record_late_entry,
    "start nightly run": actions.start_nightly_run,
    **{label: action for label, (_, action) in (_COMMON | _RARE | _IMPORTS).items()},
}


def random_weights(
    chance: random.Random, imports_chance: random.Random
) -> tuple[list[str], list[int]]:
    """Return the labels of actions and the weights by which a scenario draws them.

    `imports_chance` decides about imports, so that scenarios without imports are as before them.
    """
    weights = {
        label: weight * chance.choice((0, 1, 1, 2)) for label, (weight, _) in _COMMON.items()
    }
    weights["record entry"] += 1
    weights |= {
        label: weight for label, (weight, _) in _RARE.items() if chance.random() < _RARE_SHARE
    }
    if imports_chance.random() < _IMPORTS_SHARE:
        weights |= {
            label: weight * imports_chance.choice((1, 1, 3))
            for label, (weight, _) in _IMPORTS.items()
        }
    return list(weights), list(weights.values())

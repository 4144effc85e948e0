"""Mistakes that others made before: each is planted in the test tree, and a story must show it.

A mutant replaces ports of a world, or a function for the length of a story; the code that is
shipped has no switch for any of them.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from verification.simulation.scenario import Twist
from verification.simulation.world import World

Swap = Callable[[object, str, Any], None]
Mutation = Callable[[World, Swap], None]


@contextmanager
def planted(mutation: Mutation) -> Iterator[Twist]:
    """Have a twist that plants a mutation; what it swapped is back in place afterwards."""
    with ExitStack() as after:

        def swap(owner: object, name: str, mutated: Any) -> None:
            before = getattr(owner, name)
            setattr(owner, name, mutated)
            after.callback(setattr, owner, name, before)

        yield lambda world: mutation(world, swap)


def mutations() -> Mapping[str, Mutation]:
    """Return all mutations by what they get wrong."""
    from verification.simulation.mutants import night, projection, writing

    return {**writing.MUTATIONS, **projection.MUTATIONS, **night.MUTATIONS}

"""Mutants: typical mistakes, each of which some scenario must show.

A mutant replaces ports of a world, or a function for the duration of a scenario; the shipped code
has no switch for any of them.
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
    """Return a twist that plants a mutation; everything it swapped is restored afterwards."""
    with ExitStack() as after:

        def swap(owner: object, name: str, mutated: Any) -> None:
            before = getattr(owner, name)
            setattr(owner, name, mutated)
            after.callback(setattr, owner, name, before)

        yield lambda world: mutation(world, swap)


def swapped(owner: object, name: str, mutated: Any) -> Mutation:
    """Return the mutation that swaps one attribute."""
    return lambda _world, swap: swap(owner, name, mutated)


def mutations() -> Mapping[str, Mutation]:
    """Return all mutations by name."""
    from verification.simulation.mutants import closing, importing, projection, writing

    rooms = (writing, importing, projection, closing)
    return {name: mutation for room in rooms for name, mutation in room.MUTATIONS.items()}

"""A round of poison: one record at each place of a batch in turn, sound entries at the others."""

import time

from verification.fault_injection.context import Drill
from verification.fault_injection.local_stage import SECONDS_TO_BE_WELL
from verification.fault_injection.poison import ROUND_OF, held_back, put_poison
from verification.fault_injection.recovery import Wanted, until_well

POISON = "poison in a batch"
SECONDS_TO_BE_LOGGED = 5.0


def poison_round(drill: Drill) -> None:
    """Put poison at each place; it counts where the projector tells of it among other records."""
    for place in range(ROUND_OF):
        writer = drill.writers[place % len(drill.writers)]
        newest = ""
        since = drill.stage.log.mark()
        with held_back(drill.laptop):
            for number in range(ROUND_OF):
                if number == place:
                    drill.poison.add(put_poison(drill.laptop, len(drill.poison)))
                else:
                    newest = writer.write(1)
        released = time.monotonic()
        day = drill.book.entries[newest].day
        wanted = Wanted(newest, day, released, SECONDS_TO_BE_WELL, POISON)
        seconds = until_well(writer.consumer, wanted)
        if _is_parked_alone(drill, since):
            drill.stage.done[POISON] += 1
            drill.recovered(POISON, seconds)


def _is_parked_alone(drill: Drill, since: int) -> bool:
    # The balance shows an entry a moment before the emulator writes down what was projected.
    end = time.monotonic() + SECONDS_TO_BE_LOGGED
    while not (result := drill.stage.log.has_parked_one_of_many(since)):
        if time.monotonic() > end:
            break
        time.sleep(0.05)
    return result

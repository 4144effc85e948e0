"""The process for which the laptop cloud runs (`make`, a test): when it goes, the cloud stops."""

import os
import signal
from pathlib import Path


def is_leaving(owner: int) -> bool:
    """Say whether the owner has ended, or is ending and waits for us."""
    return os.getppid() != owner or _has_been_interrupted(owner)


def _has_been_interrupted(owner: int) -> bool:
    """Say whether the owner no longer catches Ctrl-C, as make does once it has received one.

    A Ctrl-C in a terminal reaches us as well, but an interrupt sent to make alone does not: make
    would then wait for us for ever. Known on Linux only, from the mask of caught signals (proc(5)).
    """
    status = Path(f"/proc/{owner}/status")
    try:
        lines = status.read_text().splitlines()
    except OSError:
        return False
    caught = next((line.split()[1] for line in lines if line.startswith("SigCgt:")), None)
    name = next((line.split()[1] for line in lines if line.startswith("Name:")), "")
    if caught is None or name not in {"make", "gmake"}:
        return False
    return not int(caught, 16) >> (signal.SIGINT - 1) & 1

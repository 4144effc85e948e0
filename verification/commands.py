"""Commands that are run to their end, and that are ended with all their processes when we are."""

import os
import signal
import subprocess
from collections.abc import Sequence
from typing import IO

from local.paths import PROJECT


def run_to_end(command: Sequence[str], output: "IO[str] | int", errors: "IO[str] | None") -> int:
    """Run a command in the project's folder; return its exit code.

    It has a process group of its own. Where the wait is interrupted, the group is asked to end and
    waited for, and what interrupted is raised again.
    """
    ran = subprocess.Popen(
        command, cwd=PROJECT, stdout=output, stderr=errors, start_new_session=True
    )
    try:
        return ran.wait()
    except BaseException:
        os.killpg(ran.pid, signal.SIGTERM)
        ran.wait()
        raise

"""A pool of warm functions, each a process that serves one request at a time, as in Lambda."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from local.emulator import ACCESS
from local.paths import PROJECT


@dataclass
class Function:
    """A warm function; `cpu` and `busy` add up the seconds of its invocations."""

    process_handle: "subprocess.Popen[str]"
    invocations: int = 0
    cpu: float = 0.0
    busy: float = 0.0
    statuses: dict[int, int] = field(default_factory=dict)

    def invoke(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Hand in an event and return the answer: its status and body."""
        handle = self.process_handle
        assert handle.stdin is not None and handle.stdout is not None
        handle.stdin.write(json.dumps(event) + "\n")
        handle.stdin.flush()
        answer: dict[str, Any] = json.loads(handle.stdout.readline())
        self.invocations += 1
        self.cpu += answer["cpu"]
        self.busy += answer["seconds"]
        self.statuses[answer["status"]] = self.statuses.get(answer["status"], 0) + 1
        return answer


@contextmanager
def functions(how_many: int, variables: Mapping[str, str]) -> Iterator[list[Function]]:
    """Start functions with the environment of a deployed one, and end them."""
    with ExitStack() as at_the_end:
        yield [at_the_end.enter_context(_function(variables)) for _ in range(how_many)]


@contextmanager
def _function(variables: Mapping[str, str]) -> Iterator[Function]:
    with subprocess.Popen(
        [sys.executable, "-m", "verification.load.function"],
        cwd=PROJECT,
        env=os.environ | ACCESS | dict(variables),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as handle:
        try:
            yield Function(handle)
        finally:
            assert handle.stdin is not None
            handle.stdin.close()

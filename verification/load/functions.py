"""A pool of warm functions: processes that serve one event at a time, as in Lambda.

`python -m verification.load.functions` is one of them. It reads an event in JSON a line, and
writes a line: status, body, and the invocation's seconds of CPU and in total. Logs are discarded.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from local.emulator import ACCESS
from local.paths import PROJECT
from verification.benchmarks.events import CONTEXT
from verification.kit.api_client import Response


@dataclass
class WarmFunction:
    """A process that runs the application; `cpu` and `busy` add up seconds of invocations."""

    handle: "subprocess.Popen[str]"
    invocations: int = 0
    cpu: float = 0.0
    busy: float = 0.0

    def invoke(self, event: Mapping[str, Any]) -> Response:
        """Pass an event and return the response."""
        assert self.handle.stdin is not None and self.handle.stdout is not None
        self.handle.stdin.write(json.dumps(event) + "\n")
        self.handle.stdin.flush()
        answer = json.loads(self.handle.stdout.readline())
        self.invocations += 1
        self.cpu += answer["cpu"]
        self.busy += answer["seconds"]
        return Response(answer["status"], {}, answer["body"].encode())


@contextmanager
def warm_functions(count: int, variables: Mapping[str, str]) -> Iterator[list[WarmFunction]]:
    """Start functions with the environment of a deployed one, and end them."""
    with ExitStack() as stack:
        yield [stack.enter_context(_started(variables)) for _ in range(count)]


@contextmanager
def _started(variables: Mapping[str, str]) -> Iterator[WarmFunction]:
    with subprocess.Popen(
        [sys.executable, "-m", "verification.load.functions"],
        cwd=PROJECT,
        env=os.environ | ACCESS | dict(variables),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as handle:
        try:
            yield WarmFunction(handle)
        finally:
            assert handle.stdin is not None
            handle.stdin.close()


def _serve() -> None:
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - until the end
    import app

    for line in sys.stdin:
        event = json.loads(line)
        began, cpu = time.perf_counter(), time.process_time()
        response = app.app(event, CONTEXT)
        answer = {
            "status": response["statusCode"],
            "body": response["body"],
            "cpu": time.process_time() - cpu,
            "seconds": time.perf_counter() - began,
        }
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    _serve()

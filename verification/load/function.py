"""One warm function: a process that invokes the application with the gateway's events.

`python -m proof.load.function` reads an event in JSON a line, and answers a line: the status, and
the seconds of CPU and in all that the invocation took. What the function logs goes nowhere.
"""

import json
import os
import sys
import time
from typing import Any

from verification.benchmarks.events import CONTEXT


def main() -> int:
    """Serve until the input ends."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - for good
    import app

    for line in sys.stdin:
        answers.write(json.dumps(_invoked(app.app, json.loads(line))) + "\n")
        answers.flush()
    return 0


def _invoked(handler: Any, event: Any) -> dict[str, Any]:
    began, cpu = time.perf_counter(), time.process_time()
    answer = handler(event, CONTEXT)
    return {
        "status": answer["statusCode"],
        "body": answer["body"],
        "cpu": time.process_time() - cpu,
        "seconds": time.perf_counter() - began,
    }


if __name__ == "__main__":
    sys.exit(main())

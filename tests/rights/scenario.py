"""Invoke every function, and print the rights that each one used.

`python -m tests.rights.scenario <host> <port> <database> <redis port>` prints JSON, a list of
rights by function. It emulates AWS in its own process; PostgreSQL is real.
"""

import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chalicelib.runtime import clients, wiring
from tests.fixtures.emulated_stage import REGION, describe_client, make_resources, set_environment
from tests.rights.iam_actions import Place, Right, rights_of

PLACE = Place(REGION, "123456789012")
STAGE = "rights"
RESOURCE_ID = "db-RIGHTS"
CACHE = "livro-caixa-rights"


class Recorder:
    """Records each right under the function that runs."""

    def __init__(self) -> None:
        self.taken: dict[str, set[Right]] = defaultdict(set)
        self._function: str | None = None

    @contextmanager
    def running(self, function: str) -> Iterator[None]:
        """Attribute the calls in this block to a function, which starts as in a new process."""
        wiring.reset()
        events = clients._session().events  # of the session from which all clients are made
        events.register("provide-client-params.*.*", self.call)
        events.register("before-call.cognito-identity-provider.*", describe_client)
        self._function = function
        self.taken[function] |= set()
        yield
        self._function = None

    def call(self, params: Any, model: Any, **_: Any) -> None:
        """Record a call, as a handler of botocore's event provide-client-params."""
        if self._function is not None:
            service = str(model.service_model.service_id.hyphenize())
            self.taken[self._function] |= rights_of(service, model.name, params, PLACE)

    def right(self, right: Right) -> None:
        """Record a right that needs no call of an AWS client."""
        if self._function is not None:
            self.taken[self._function].add(right)


def main() -> None:
    """Run everything and print the rights."""
    host, port, database, redis_port = sys.argv[1:]
    set_environment(host, port, database, redis_port, STAGE)
    from moto import mock_aws

    recorder = Recorder()
    with mock_aws():
        resources = make_resources(STAGE)
        os.environ.update(resources)
        _listen(recorder)
        from tests.rights.iam_exercise import exercise

        exercise(recorder, resources)
    result = {name: sorted(rights) for name, rights in recorder.taken.items()}
    sys.stdout.write(json.dumps({"taken": result, "resources": resources}))


def _listen(recorder: Recorder) -> None:
    connect, connect_to_redis = clients.database, clients.redis

    def database(role: str, *words: Any, **named: Any) -> Any:
        recorder.right(("rds-db:connect", PLACE.arn("rds-db", f"dbuser:{RESOURCE_ID}/{role}")))
        return connect(role, *words, **named)

    def redis() -> Any:
        for resource in (f"user:{CACHE}", f"replicationgroup:{CACHE}"):
            recorder.right(("elasticache:Connect", PLACE.arn("elasticache", resource)))
        return connect_to_redis()

    clients.database = database
    clients.redis = redis


if __name__ == "__main__":
    main()

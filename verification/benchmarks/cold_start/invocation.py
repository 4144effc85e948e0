"""One cold process: a function's first invocation from the bundle, or its libraries alone.

Run as a file by an interpreter without site-packages: `invocation.py <bundle> <command> <job>`. It
writes the CPU milliseconds since the interpreter was ready to standard error, as JSON.
"""

import time

_READY = time.process_time()

import json  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402
from typing import Any  # noqa: E402


class Context:
    """The second argument of a handler in Lambda."""

    function_name = "livro-caixa-bench"
    aws_request_id = "cold"

    def get_remaining_time_in_millis(self) -> int:
        """Return the time left."""
        return 900_000


def main() -> None:
    """Run the command of the command line."""
    bundle, command, job = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
    sys.path.insert(0, bundle)
    commands = {"invoke": invoke, "record": record, "libraries": libraries}
    result: dict[str, Any] = commands[command](job)
    spent = (time.process_time() - _READY) * 1000
    sys.stderr.write(json.dumps({**result, "cpu_ms": spent}))


def invoke(job: dict[str, Any]) -> dict[str, Any]:
    """Import the application and invoke one of its functions, as Lambda does."""
    import app

    response = getattr(app, job["function"])(job["event"], Context())
    status = response.get("statusCode", 200) if isinstance(response, dict) else 200
    if status >= 400:
        raise SystemExit(f"{job['function']} responded with {response}")
    return {}


def record(job: dict[str, Any]) -> dict[str, Any]:
    """Invoke a function; return the libraries' modules and the clients that it created.

    `own_modules` is the number of the other modules.
    """
    import gc

    before = set(sys.modules)
    invoke(job)
    loaded = [name for name in sys.modules if name not in before]
    modules = [name for name in loaded if name.partition(".")[0] not in ("app", "chalicelib")]
    kinds = [f"{type(thing).__module__}.{type(thing).__qualname__}" for thing in gc.get_objects()]
    services = {
        client.meta.service_model.service_name
        for client in gc.get_objects()
        if _is_aws_client(client)
    }
    return {
        "modules": modules,
        "own_modules": len(loaded) - len(modules),
        "services": sorted(services),
        "sessions": kinds.count("pg8000.native.Connection"),
        "uses_redis": "redis.client.Redis" in kinds,
    }


def libraries(job: dict[str, Any]) -> dict[str, Any]:
    """Import the recorded modules, create the clients, and make the recorded calls."""
    for name in job["modules"]:
        try:
            __import__(name)
        except ImportError:
            continue  # not a real module, but a name in sys.modules
    made = {service: _client(service) for service in job["services"]}
    for service, operation, parameters in job["calls"]:
        made[service]._make_api_call(operation, parameters)
    for _ in range(job["sessions"]):
        _use_postgresql()
    if job["uses_redis"]:
        _use_redis()
    return {}


def _is_aws_client(thing: Any) -> bool:
    return type(thing).__module__ == "botocore.client" and hasattr(type(thing), "_make_api_call")


def _client(service: str) -> Any:
    import botocore.session
    from botocore.config import Config

    config = Config(
        connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 3}
    )
    return botocore.session.get_session().create_client(service, config=config)


def _use_postgresql() -> None:
    import pg8000.native

    connection = pg8000.native.Connection(
        "livro_reader",
        host=os.environ["DATABASE_HOST"],
        port=int(os.environ["DATABASE_PORT"]),
        database=os.environ["DATABASE_NAME"],
        ssl_context=False,
    )
    connection.prepare("SELECT 1").run()


def _use_redis() -> None:
    import redis

    client = redis.Redis(
        host=os.environ["REDIS_HOST"], port=int(os.environ["REDIS_PORT"]), decode_responses=True
    )
    client.mget(["replay:none"])
    pipeline = client.pipeline(transaction=False)
    pipeline.set("replay:none", "", ex=1)
    pipeline.execute()


if __name__ == "__main__":
    main()

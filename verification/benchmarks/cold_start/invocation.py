"""One cold process: a function's first invocation from the bundle, or its libraries alone.

Run as a file by an interpreter without site-packages: `invocation.py <bundle> <what> <told>`. It
tells on standard error the CPU milliseconds since the interpreter was ready.
"""

import time

_READY = time.process_time()

import json  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402
from typing import Any  # noqa: E402


class Context:
    """What Lambda hands to a handler beside the event."""

    function_name = "livro-caixa-bench"
    aws_request_id = "cold"

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the invocation may go on."""
        return 900_000


def main() -> None:
    """Do what the command line says."""
    bundle, what, result = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
    sys.path.insert(0, bundle)
    works = {"invoke": invoke, "record": record, "libraries": libraries}
    done: dict[str, Any] = works[what](result)
    spent = (time.process_time() - _READY) * 1000
    sys.stderr.write(json.dumps({**done, "cpu_ms": spent}))


def invoke(told: dict[str, Any]) -> dict[str, Any]:
    """Import the application and invoke one of its functions, as Lambda does."""
    import app

    answer = getattr(app, told["function"])(told["event"], Context())
    status = answer.get("statusCode", 200) if isinstance(answer, dict) else 200
    if status >= 400:
        raise SystemExit(f"{told['function']} answered {answer}")
    return {}


def record(told: dict[str, Any]) -> dict[str, Any]:
    """Invoke a function; tell which modules of others it loaded, and which clients it made."""
    before = set(sys.modules)
    invoke(told)
    modules = [name for name in sys.modules if name not in before and not _is_ours(name)]
    kinds = [f"{type(one).__module__}.{type(one).__qualname__}" for one in _living()]
    services = {one.meta.service_model.service_name for one in _living() if _is_aws_client(one)}
    return {
        "modules": modules,
        "services": sorted(services),
        "sessions": kinds.count("pg8000.native.Connection"),
        "uses_redis": "redis.client.Redis" in kinds,
    }


def libraries(told: dict[str, Any]) -> dict[str, Any]:
    """Load the recorded modules, make the clients, and make the recorded calls by them."""
    for name in told["modules"]:
        try:
            __import__(name)
        except ImportError:
            continue  # a name that a module made up for itself
    made = {service: _client(service) for service in told["services"]}
    for service, operation, parameters in told["calls"]:
        made[service]._make_api_call(operation, parameters)
    for _ in range(told["sessions"]):
        _ask_postgresql()
    if told["uses_redis"]:
        _ask_redis()
    return {}


def _is_ours(name: str) -> bool:
    return name.partition(".")[0] in ("app", "chalicelib")


def _living() -> list[Any]:
    import gc

    return gc.get_objects()


def _is_aws_client(one: Any) -> bool:
    return type(one).__module__ == "botocore.client" and hasattr(type(one), "_make_api_call")


def _client(service: str) -> Any:
    import boto3
    from botocore.config import Config

    config = Config(
        connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 3}
    )
    return boto3.Session().client(service, config=config)


def _ask_postgresql() -> None:
    import pg8000.native

    connection = pg8000.native.Connection(
        "livro_reader",
        host=os.environ["DATABASE_HOST"],
        port=int(os.environ["DATABASE_PORT"]),
        database=os.environ["DATABASE_NAME"],
        ssl_context=False,
    )
    connection.prepare("SELECT 1").run()


def _ask_redis() -> None:
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

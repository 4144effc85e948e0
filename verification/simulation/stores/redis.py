"""A fake of Redis, behind the client of the idempotency cache and the projector's dedup cache.

It may be flushed, be unreachable, or fail over to a replica without the latest writes. It never
expires anything, which is the hardest case for a cache.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from redis import ConnectionError as RedisConnectionError
from redis import TimeoutError as RedisTimeoutError

from verification.simulation.faults import FaultProxy, port
from verification.simulation.trace import parsed

Command = Callable[[], Any]


class MemoryRedis:
    """The client: text values by name.

    `disturbances` counts the lost commands, flushes and failovers, after each of which it may hold
    anything that it held before.
    """

    def __init__(self, proxy: FaultProxy, chance: random.Random) -> None:
        self._proxy = proxy
        self._chance = chance
        self._texts: dict[str, str] = {}
        self._replica: dict[str, str] = {}
        self.disturbances = 0

    @port("redis.get")
    def get(self, name: str) -> str | None:
        """Return the value of a name, None where there is none."""
        return self._texts.get(name)

    @port("redis.mget")
    def mget(self, names: Sequence[str]) -> list[str | None]:
        """Return the values of names, None where there is none."""
        return [self._texts.get(name) for name in names]

    @port("redis.set", lambda name, value, *, ex: (name, parsed(value), ex))
    def set(self, name: str, value: str, *, ex: int) -> bool:
        """Set a value; `ex` is its time to live in seconds, which is ignored."""
        return self._set(name, value, only_new=False)

    def pipeline(self, *, transaction: bool) -> "_Pipeline":
        """Return a pipeline whose commands arrive together, or none."""
        assert not transaction
        return _Pipeline(self)

    def flush(self) -> None:
        """Lose everything, as by a restart."""
        self._texts = {}
        self.disturbances += 1

    def replicate(self) -> None:
        """Copy everything to the replica."""
        self._replica = dict(self._texts)

    def fail_over(self) -> None:
        """Continue with the content of the replica."""
        self._texts = dict(self._replica)
        self.disturbances += 1

    def texts(self) -> Mapping[str, str]:
        """Return all values by name."""
        return self._texts

    @port("redis.pipeline", lambda _commands, sent: sent)
    def _execute(self, commands: Sequence[Command], _sent: Sequence[object]) -> list[Any]:
        return [command() for command in commands]

    def _set(self, name: str, value: str, only_new: bool) -> bool:
        if only_new and name in self._texts:
            return False
        self._texts[name] = value
        return True

    def _fault(self, is_done: bool) -> Exception:
        self.disturbances += 1
        if is_done or self._chance.random() < 0.5:
            return RedisTimeoutError("Timeout reading from socket")
        return RedisConnectionError("Connection refused")


class _Pipeline:
    def __init__(self, redis: MemoryRedis) -> None:
        self._redis = redis
        self._commands: list[Command] = []
        self._sent: list[object] = []

    def set(self, name: str, value: str, *, nx: bool, ex: int) -> None:
        self._commands.append(lambda: self._redis._set(name, value, only_new=nx))
        self._sent.append((name, parsed(value), nx, ex))

    def execute(self) -> list[Any]:
        return self._redis._execute(self._commands, self._sent)

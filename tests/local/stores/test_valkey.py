"""The Valkey of the laptop cloud: real, on loopback, and empty after each start."""

from pathlib import Path

import redis

from local.stores.valkey import Valkey, start_valkey
from tests.local.processes import alive


def connected(server: Valkey) -> "redis.Redis":
    return redis.Redis(host=server.host, port=server.port, decode_responses=True)


def test_server_is_current_and_on_loopback(valkey: Valkey) -> None:
    assert connected(valkey).config_get("bind") == {"bind": "127.0.0.1"}
    result = connected(valkey).info("server")
    assert result["server_name"] == "valkey"
    assert int(result["valkey_version"].split(".")[0]) >= 9


def test_restarted_server_is_empty(tmp_path: Path) -> None:
    first = start_valkey(tmp_path / "valkey")
    connected(first).set("key", "42")
    first.stop()
    second = start_valkey(tmp_path / "valkey", first.port)
    assert connected(second).get("key") is None
    second.stop()


def test_temporary_server_leaves_nothing() -> None:
    server = start_valkey()
    folder = Path(str(connected(server).config_get("dir")["dir"]))
    assert folder.exists()
    server.stop()
    assert not folder.exists()
    assert alive([server.server.pid]) == []

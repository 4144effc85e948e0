"""The Valkey of the laptop cloud: real, on loopback, ending with its owner."""

from pathlib import Path

import redis

from local.stores.valkey import Valkey, start_valkey
from tests.local.processes import alive


def connected(server: Valkey) -> "redis.Redis":
    return redis.Redis(host=server.host, port=server.port, decode_responses=True)


def test_it_listens_on_loopback_alone(valkey: Valkey) -> None:
    assert connected(valkey).config_get("bind") == {"bind": "127.0.0.1"}


def test_it_is_valkey_of_a_current_release(valkey: Valkey) -> None:
    result = connected(valkey).info("server")
    assert result["server_name"] == "valkey"
    assert int(result["valkey_version"].split(".")[0]) >= 9


def test_a_clean_stop_keeps_the_memory(tmp_path: Path) -> None:
    first = start_valkey(tmp_path / "valkey")
    connected(first).set("kept", "42")
    first.stop()
    second = start_valkey(tmp_path / "valkey", first.port)
    assert connected(second).get("kept") == "42"
    second.stop()


def test_a_temporary_one_leaves_no_process_and_no_folder() -> None:
    server = start_valkey(durable=False)
    folder = Path(str(connected(server).config_get("dir")["dir"]))
    assert folder.exists()
    server.stop()
    assert not folder.exists()
    assert alive([server.server.pid]) == []

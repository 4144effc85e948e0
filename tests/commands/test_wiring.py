"""The write side's ports in a deployment: its settings, and what an entry gets from them."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from chalicelib.commands import wiring
from chalicelib.commands.ports import CommandPorts
from chalicelib.commands.record import record
from chalicelib.commands.start_closing import start_closing
from chalicelib.runtime import wiring as runtime
from chalicelib.runtime.settings import MissingSettingError
from tests.commands.examples import NOON, PADARIA, closing_request, sale
from tests.fixtures.ledger_table import LedgerTable


@pytest.fixture
def deployed(ports: CommandPorts, monkeypatch: pytest.MonkeyPatch) -> Iterator[CommandPorts]:
    """The ports of a deployment without Redis, over the emulated table."""
    monkeypatch.setenv("ENTRIES_TABLE", "entries")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "sa-east-1")
    for name in ("REDIS_HOST", "STATE_MACHINE_ARN"):
        monkeypatch.delenv(name, raising=False)
    runtime.reset()
    yield replace(wiring.ports(), ledger=ports.ledger)
    wiring.reset()
    runtime.reset()


def test_deployment_without_redis_records_and_replays(deployed: CommandPorts) -> None:
    results = [record(deployed, PADARIA, sale(key)) for key in ("k1", "k1", "k2")]
    assert [result.replayed for result in results] == [False, True, False]
    first, again, second = (result.entry.text_salt or "" for result in results)
    assert first == again != second
    assert len(first) == 22  # 16 bytes in base64url


def test_missing_state_machine_writes_nothing(deployed: CommandPorts, table: LedgerTable) -> None:
    with pytest.raises(MissingSettingError, match="STATE_MACHINE_ARN"):
        start_closing(deployed, PADARIA, closing_request("2020-11-22"))
    assert table.items() == []


def test_overridden_ports_are_used_until_reset(deployed: CommandPorts) -> None:
    wiring.override(deployed)
    assert wiring.ports() is deployed
    wiring.reset()
    assert wiring.ports() is not deployed
    assert wiring.ports() is wiring.ports()


def test_recording_context_has_principal_and_clock(ports: CommandPorts) -> None:
    context = ports.recording_context(PADARIA, NOON)
    assert (context.merchant_id, context.recorded_by) == ("padaria", "joana")
    assert (context.now, context.zone.key) == (NOON, "America/Sao_Paulo")
    assert context.origin == "Root=1-67891233-abcdef012345678912345678;Sampled=1"


@pytest.mark.parametrize("origin", [None, "", "x" * 151, "Root=1-é", "Root=1\n", '{"a": 1}'])
def test_invalid_trace_header_is_not_stored(ports: CommandPorts, origin: str | None) -> None:
    principal = replace(PADARIA, origin=origin)
    assert ports.recording_context(principal, NOON).origin is None

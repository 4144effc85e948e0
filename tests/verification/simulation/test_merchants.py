"""The clients accept every response that some order of the requests explains, and no other."""

from typing import Any

import pytest

from verification.simulation.faults import Fate
from verification.simulation.merchants import Merchants
from verification.simulation.new_requests import about_key_of, numbered_entry
from verification.simulation.violations import InvariantError
from verification.simulation.world import World


@pytest.mark.parametrize("reason", ["Erro", None])
def test_late_rejection_may_precede_a_success(
    monkeypatch: pytest.MonkeyPatch, reason: str | None
) -> None:
    world = World("merchants", lambda _port: Fate.ANSWERED)
    merchants, sale = Merchants(world), numbered_entry(1)
    request, read = about_key_of(sale, reason), world.table.batch_get_item

    def read_before_the_others(**params: Any) -> dict[str, Any]:
        result = read(**params)
        monkeypatch.undo()
        merchants.send(sale, 1)
        merchants.send(request, 1)
        return result

    monkeypatch.setattr(world.table, "batch_get_item", read_before_the_others)
    merchants.send(request, 1)
    assert (request.sent, len(request.responses) + request.done) == (2, 1)


def test_entry_once_found_must_stay() -> None:
    world = World("merchants", lambda _port: Fate.ANSWERED)
    merchants, sale = Merchants(world), numbered_entry(1)
    undo = about_key_of(sale, "Erro")
    merchants.send(sale, 1)
    merchants.send(undo, 1)
    sale.responses.clear()
    world.table.items.clear()
    with pytest.raises(InvariantError, match="lost: the target of about-key-1"):
        merchants.send(undo, 1)

"""An entry's response is what its type says, field for field."""

import pytest
from pydantic import TypeAdapter

from chalicelib.api.entry_responses import EntryResponse, entry_response
from chalicelib.ledger.entries import Entry, reversal_id_of, without_texts
from verification.kit.generators import entries

ANY = entries(seed=7, count=50, merchants=["padaria", "oficina"])
RESPONSE = TypeAdapter(EntryResponse)


@pytest.mark.parametrize("reversed_by", [None, reversal_id_of("a" * 32)])
@pytest.mark.parametrize("entry", [*ANY, *map(without_texts, ANY[:5])])
def test_entry_matches_its_declared_response(entry: Entry, reversed_by: str | None) -> None:
    response = entry_response(entry, reversed_by)
    assert RESPONSE.validate_python(response, strict=True) == response


def test_reversal_names_the_reversed_entry() -> None:
    assert entry_response(ANY[0]._replace(reverses="b" * 32))["reverses"] == "b" * 32


def test_entry_has_the_formats_of_the_contract() -> None:
    response = entry_response(ANY[0]._replace(amount_minor=15_075, currency="BRL"))
    assert (response["amount"], response["reversed_by"]) == ("150.75", None)
    assert list(response)[:3] == ["id", "type", "amount"]
    assert response["recorded_at"].endswith("Z")
    assert response["day"] == ANY[0].day.isoformat()

"""An entry is answered as its model says, field for field."""

import pytest

from chalicelib.api.models.entry_answers import EntryAnswer, entry_json
from chalicelib.ledger.entries import Entry, reversal_id_of, without_texts
from verification.kit.generators import entries

ANY = entries(seed=7, how_many=50, merchants=["padaria", "oficina"])


@pytest.mark.parametrize("reversed_by", [None, reversal_id_of("a" * 32)])
@pytest.mark.parametrize("entry", [*ANY, *map(without_texts, ANY[:5])])
def test_an_entry_is_what_its_model_says(entry: Entry, reversed_by: str | None) -> None:
    shown = entry_json(entry, reversed_by)
    result = EntryAnswer.model_validate(shown, strict=True).model_dump(by_alias=True)
    assert list(result.items()) == list(shown.items())


def test_a_reversal_names_what_it_reverses() -> None:
    shown = entry_json(ANY[0]._replace(reverses="b" * 32))
    assert EntryAnswer.model_validate(shown, strict=True).reverses == "b" * 32


def test_the_entry_is_told_in_the_forms_of_the_contract() -> None:
    shown = entry_json(ANY[0]._replace(amount_minor=15_075, currency="BRL"))
    assert (shown["amount"], shown["reversed_by"]) == ("150.75", None)
    assert shown["recorded_at"].endswith("Z")
    assert shown["day"] == ANY[0].day.isoformat()

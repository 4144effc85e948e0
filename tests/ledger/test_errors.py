"""The tree of refusals: as drawn in its docstring, each saying what is wrong."""

import re

from chalicelib.ledger import errors
from chalicelib.ledger.errors import (
    FieldError,
    LedgerUnavailableError,
    LivroCaixaError,
    ValidationError,
)


def test_the_tree_is_as_drawn() -> None:
    assert errors.__doc__ is not None
    drawn = set(re.findall(r"^[│├└─ ]*([A-Z]\w+)", errors.__doc__, re.MULTILINE)) - {"The"}
    assert drawn == {one.__name__ for one in _tree(LivroCaixaError)}


def test_a_refusal_carries_its_sentence_and_its_faults() -> None:
    refusal = ValidationError(
        "amount must be above zero.", [FieldError("amount", "must be above zero")]
    )
    assert str(refusal) == refusal.detail == "amount must be above zero."
    assert refusal.field_errors == (FieldError("amount", "must be above zero"),)
    assert ValidationError("no").field_errors == ()


def test_what_is_unavailable_says_when_to_try_again() -> None:
    assert LedgerUnavailableError("no").retry_after == 1
    assert LedgerUnavailableError("no", retry_after=5).retry_after == 5


def _tree(root: type[LivroCaixaError]) -> set[type[LivroCaixaError]]:
    here = {one for one in root.__subclasses__() if one.__module__ == errors.__name__}
    return {root}.union(*(_tree(one) for one in here))

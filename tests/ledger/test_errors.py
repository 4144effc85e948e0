"""The errors: the tree as drawn in the docstring, and what an error carries."""

import re

from chalicelib.ledger import errors
from chalicelib.ledger.errors import FieldError, LivroCaixaError, ValidationError


def test_docstring_draws_every_class() -> None:
    assert errors.__doc__ is not None
    drawn = set(re.findall(r"^[│├└─ ]*([A-Z]\w+)", errors.__doc__, re.MULTILINE)) - {"The"}
    assert drawn == {error.__name__ for error in _tree(LivroCaixaError)}


def test_error_has_detail_and_field_errors() -> None:
    field_error = FieldError("amount", "must be above zero")
    error = ValidationError("amount must be above zero.", [field_error])
    assert str(error) == error.detail == "amount must be above zero."
    assert error.field_errors == (field_error,)


def _tree(root: type[LivroCaixaError]) -> set[type[LivroCaixaError]]:
    subclasses = {error for error in root.__subclasses__() if error.__module__ == errors.__name__}
    return {root}.union(*(_tree(error) for error in subclasses))

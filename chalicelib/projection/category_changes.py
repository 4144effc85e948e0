"""Corrections of categories as the stream and the table have them, checked before they are used."""

from collections.abc import Iterable, Mapping
from typing import Any

from chalicelib.ledger.category_corrections import CategoryCorrection
from chalicelib.ledger.entries import correction_id_of, is_entry_id
from chalicelib.ledger.errors import LivroCaixaError
from chalicelib.ledger.text import is_slug
from chalicelib.storage.category_items import item_correction

LARGEST_NUMBER = 2**31 - 1
_MALFORMED = (KeyError, ValueError, TypeError, AttributeError, OverflowError, LivroCaixaError)


class UnprojectableRecordError(Exception):
    """An item or record that can never be projected; the message contains none of its values."""


def correction_of_item(item: Mapping[str, Any]) -> CategoryCorrection:
    """Return the correction of an item.

    Raises UnprojectableRecordError when it cannot be read, or has a value that no correction has.
    """
    try:
        correction = item_correction(item)
        is_valid = item["entry_id"]["S"] == correction_id_of(correction.entry_id) and _is_valid(
            correction
        )
    except _MALFORMED as error:
        raise UnprojectableRecordError(
            f"the item cannot be read as a correction ({type(error).__name__})"
        ) from None
    if not is_valid:
        raise UnprojectableRecordError("a value of the correction is out of range")
    return correction


def newest(corrections: Iterable[CategoryCorrection]) -> list[CategoryCorrection]:
    """Return the correction of the highest number of each entry."""
    by_entry: dict[str, CategoryCorrection] = {}
    for correction in corrections:
        earlier = by_entry.get(correction.entry_id)
        if earlier is None or earlier.number < correction.number:
            by_entry[correction.entry_id] = correction
    return list(by_entry.values())


def _is_valid(correction: CategoryCorrection) -> bool:
    return (
        is_entry_id(correction.entry_id)
        and is_slug(correction.merchant_id)
        and (correction.category is None or is_slug(correction.category))
        and 0 < correction.number <= LARGEST_NUMBER
        and correction.corrected_at.tzinfo is not None
    )

"""Merchants with the days that a run takes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.closing.ports import ReadModel


@dataclass(frozen=True, slots=True)
class MerchantDays:
    """A merchant and some of its days, oldest first.

    Every day up to `reconciled_until` was compared with the ledger after it had ended; None if that
    is not known of any day.
    """

    merchant_id: str
    days: tuple[date, ...]
    reconciled_until: date | None = None


def merge_days(
    merchants: Sequence[MerchantDays], more: Iterable[MerchantDays]
) -> list[MerchantDays]:
    """Return the merchants with further days merged into theirs, each once and oldest first."""
    further = {merchant.merchant_id: merchant.days for merchant in more}
    return [
        replace(
            merchant, days=tuple(sorted({*merchant.days, *further.get(merchant.merchant_id, ())}))
        )
        for merchant in merchants
    ]


def with_changed_days(read_model: "ReadModel", merchant: MerchantDays, until: date) -> MerchantDays:
    """Return a merchant with all its changed days up to a day, and until when it is reconciled."""
    # No other merchant's name begins with this one's and goes on with a character up to "!".
    name = merchant.merchant_id
    known = read_model.merchants(name, f"{name}!", None, until) or [MerchantDays(name, ())]
    return merge_days(known, [merchant])[0]

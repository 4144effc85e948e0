"""Which days of a merchant a run works on."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from chalicelib.closing.ports import MerchantDays, ReadModel


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


def with_changed_days(read_model: ReadModel, merchant: MerchantDays, until: date) -> MerchantDays:
    """Return a merchant with all its changed days up to a day, and until when it is reconciled."""
    # No other merchant's name begins with this one's and goes on with a character up to "!".
    name = merchant.merchant_id
    known = read_model.merchants(name, f"{name}!", None, until) or [MerchantDays(name, ())]
    return merge_days(known, [merchant])[0]

"""A merchant's registered categories, among its settings: all of them in one item.

500 categories with the longest names have about 200 KB, of the 400 KB that an item may have.
"""

from typing import Any

from chalicelib.commands.merchant_settings import MerchantSettings, Setting
from chalicelib.ledger.categories import MOST_CATEGORIES, Category
from chalicelib.ledger.errors import FieldError, ValidationError

CATEGORIES = "categories"


def categories(settings: MerchantSettings, merchant_id: str) -> dict[str, Category]:
    """Return a merchant's registered categories by slug; raise LedgerUnavailableError."""
    return {
        category.slug: category
        for category in categories_of(settings.setting(merchant_id, CATEGORIES))
    }


def categories_of(stored: Setting | None) -> list[Category]:
    """Return the categories of a stored setting, by slug."""
    values = {} if stored is None else stored.value
    return [Category(slug, **values[slug]) for slug in sorted(values)]


def put_category(settings: MerchantSettings, merchant_id: str, category: Category) -> None:
    """Register a category, or replace what was registered under its slug.

    Raises ValidationError when the merchant has 500 others, LedgerUnavailableError.
    """

    def added(values: Any) -> Any:
        changed = {**(values or {}), category.slug: _value(category)}
        if len(changed) > MOST_CATEGORIES:
            message = f"would be one more than {MOST_CATEGORIES} categories; change another one"
            raise ValidationError(f"The category {message}.", [FieldError("slug", message)])
        return changed

    settings.change(merchant_id, CATEGORIES, added)


def _value(category: Category) -> dict[str, Any]:
    value = category._asdict()
    del value["slug"]
    return value

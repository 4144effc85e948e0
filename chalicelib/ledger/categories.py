"""Registered categories: the name and the accounting code under which statements show a category.

A category can be used without being registered.
"""

from typing import NamedTuple

from chalicelib.ledger.text import clean_name

MOST_CATEGORIES = 500
NAME_LENGTH = 60
CODE_LENGTH = 30


class Category(NamedTuple):
    """A registered category; `transfer` is for money that only moves, such as card bills."""

    slug: str
    name: str
    accounting_code: str | None = None
    transfer: bool = False


def parse_category_name(text: str) -> str:
    """Return a category's name, trimmed and in NFC; raise ValidationError if it breaks a rule."""
    return clean_name(text, "name", NAME_LENGTH)


def parse_accounting_code(text: str) -> str:
    """Return an account's code in the chart of accounts; raise ValidationError if it is none."""
    return clean_name(text, "accounting_code", CODE_LENGTH)

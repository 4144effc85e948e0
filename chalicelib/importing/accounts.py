"""Which account of the book each statement of a file belongs to."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from chalicelib.bank_files.bank_file import BankStatement
from chalicelib.ledger.account_numbers import ACCOUNT_NUMBER_LENGTH, account_number
from chalicelib.ledger.errors import FieldError, ValidationError


class UnknownAccount(NamedTuple):
    """A statement's number that the book does not know, its currency and how many rows it has."""

    number: str | None
    currency: str
    rows: int


class UnknownAccountsError(ValidationError):
    """The file has statements of accounts that are not mapped."""

    def __init__(self, accounts: Sequence[UnknownAccount]) -> None:
        numbers = ", ".join(
            "none" if account.number is None else account.number for account in accounts
        )
        message = (
            f"must name the book's account, because that of the file is unknown ({numbers}); for a "
            "file with several, PUT /v1/import-accounts maps their numbers"
        )
        super().__init__(f"account {message}.", [FieldError("account", message)])
        self.extensions = {"accounts": [account._asdict() for account in accounts]}


def shown_number(statement: BankStatement) -> str | None:
    """Return the account number of a statement as it is shown and mapped."""
    return statement.number and statement.number[:ACCOUNT_NUMBER_LENGTH]


def accounts_of(
    statements: Sequence[BankStatement],
    given: str | None,
    mapped: Mapping[str, str],
    own: Sequence[str],
) -> list[str]:
    """Return the account of each statement.

    `given` is the request's account, for a file with one statement; `mapped` are the merchant's
    accounts by number, and `own` are all accounts of its book, which our own OFX files name.
    Raises UnknownAccountsError, and ValidationError if `given` comes with several statements.
    """
    if given is not None:
        if len(statements) > 1:
            message = (
                f"must be absent, because the file has {len(statements)} statements; "
                "PUT /v1/import-accounts maps their numbers"
            )
            raise ValidationError(f"account {message}.", [FieldError("account", message)])
        return [given]
    known = {**{account_number(slug): slug for slug in own}, **mapped}
    numbers = [shown_number(statement) for statement in statements]
    unknown = [
        UnknownAccount(number, statement.currency, len(statement.rows))
        for number, statement in zip(numbers, statements, strict=True)
        if number is None or number not in known
    ]
    if unknown:
        raise UnknownAccountsError(unknown)
    return [known[number] for number in numbers if number is not None]

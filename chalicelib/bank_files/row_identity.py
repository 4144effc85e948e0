"""The identity of a row: the same whenever and in whichever file the bank prints the row again.

It is made of the account in the book, the currency, the day, the signed amount, the bank's id, the
fields of the text, and the ordinal among rows that are equal in all of these. So a repeated id
loses no row, two equal purchases remain two, and overlapping files of whole days create nothing
twice. What a preset makes of the texts, and what rules add, is no part of it.

From the first release on, version 1 is frozen: a change of what a reader makes of a file's raw
texts changes identities, too, and then needs a new version in VERSIONS. Until then nobody has
imported rows, so version 1 still follows the readers.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from chalicelib.bank_files.bank_file import BankRow
from chalicelib.ledger.encoding import length_prefixed, urlsafe

VERSIONS = (1,)
"""The newest first; rows that were imported under an older version are still recognized by it."""


class AccountRow(NamedTuple):
    """A row, and the account in the book (a slug) that its statement belongs to."""

    account: str
    currency: str
    row: BankRow


def identities(rows: Iterable[AccountRow], version: int = VERSIONS[0]) -> list[str | None]:
    """Return the identity of each created row, in order, and None for the others.

    `rows` are those of a whole file: the ordinals are counted over all statements of an account.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    result: list[str | None] = []
    for account, currency, row in rows:
        if row.outcome != "created" or row.day is None:
            result.append(None)
            continue
        parts = (
            account,
            currency,
            row.day.isoformat(),
            str(row.amount_minor),
            row.bank_id or "",
            *row.raw_text,
        )
        seen[parts] += 1
        digest = hashlib.sha256(
            length_prefixed(f"livro-caixa/bank-row/{version}", str(seen[parts]), *parts)
        )
        result.append(urlsafe(digest.digest()))
    return result

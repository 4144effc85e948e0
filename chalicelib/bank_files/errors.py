"""Errors of a file as a whole, and of a single row, which is then refused with its reason."""

from typing import Literal

from chalicelib.ledger.errors import ValidationError

MAX_BYTES = 4 * 1024 * 1024
MAX_ROWS = 50_000
FileReason = Literal[
    "ambiguous-columns",
    "document-type",
    "empty",
    "no-rows",
    "other-columns",
    "other-service",
    "too-large",
    "too-many-days",
    "unknown-columns",
    "unknown-currency",
    "unknown-format",
    "unknown-preset",
    "wrong-kind",
]


class BankFileError(ValidationError):
    """The file cannot be read at all; `detail` says why and what would be correct.

    `reason` is the stable name of why, `shown` what `detail` quotes of the file: with both, a page
    can say the same in another language.
    """

    def __init__(self, reason: FileReason, detail: str, shown: str = "") -> None:
        super().__init__(detail)
        self.extensions = {"file": {"reason": reason, "shown": shown}}


class FileTooLargeError(BankFileError):
    """The file has more bytes or rows than are read."""

    def __init__(self) -> None:
        limit = f"{MAX_BYTES // 1024 // 1024} MiB and {MAX_ROWS:,} rows"
        super().__init__(
            "too-large", f"A bank file may have up to {limit}; import a shorter period.", limit
        )


class RowError(ValueError):
    """A row cannot become an entry; the message is the reason, as in “the amount is zero”."""

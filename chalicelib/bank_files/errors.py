"""Errors of a file as a whole, and of a single row, which is then refused with its reason."""

from chalicelib.ledger.errors import ValidationError

MAX_BYTES = 4 * 1024 * 1024
MAX_ROWS = 50_000


class BankFileError(ValidationError):
    """The file cannot be read at all; `detail` says why and what would be correct."""


class FileTooLargeError(BankFileError):
    """The file has more bytes or rows than are read."""

    def __init__(self) -> None:
        limit = f"{MAX_BYTES // 1024 // 1024} MiB and {MAX_ROWS:,} rows"
        super().__init__(f"A bank file may have up to {limit}; import a shorter period.")


class RowError(ValueError):
    """A row cannot become an entry; the message is the reason, as in “the amount is zero”."""

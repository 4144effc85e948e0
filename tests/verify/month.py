"""An honest month of a merchant: accounts, currencies, a late entry and an early closing."""

from datetime import date, timedelta

from chalicelib.ledger import seals
from tests.verify.book import Book, Files, saved_files

FIRST = date(2026, 11, 1)
LATE_DAY = date(2026, 11, 10)


def honest_month() -> Files:
    """Return the files of honest_book(), with the proof of the late entry."""
    book = honest_book()
    files = saved_files(book)
    item = files[f"closings-{LATE_DAY}.json"]["items"][0]
    leaves = book.leaves[item["day"], item["version"]]
    files["proof.json"] = seals.proof_of(item, leaves, item["changes"]["added"][0])
    return files


def honest_book() -> Book:
    """Return thirty days closed in order; the tenth again after a late entry on the twentieth."""
    book = Book("padaria")
    for offset in range(30):
        day = FIRST + timedelta(days=offset)
        book.record(day, "credit", 15075 + offset)
        book.record(day, "debit", 2000)
        if offset % 3 == 0:
            book.record(day, "credit", 1250 + offset, "bank", "USD")
        if offset % 7 == 0:
            book.record(day, "credit", 1500, "tokyo", "JPY")
            book.record(day, "debit", 1500, "tokyo", "JPY")
        book.close(day)
        if offset == 19:
            book.record(LATE_DAY, "debit", 777)
            book.record(LATE_DAY, "credit", 12345, "bank")
            book.close(LATE_DAY)
    _close_early(book)
    return book


def _close_early(book: Book) -> None:
    # The accountant closes the second day before the first, so part of its opening is unsealed;
    # then the nightly run closes the first.
    first, second, third = (FIRST + timedelta(days=offset) for offset in (30, 31, 32))
    book.record(first, "credit", 4000)
    book.record(second, "credit", 5000)
    book.close(second)
    book.close(first)
    book.record(third, "debit", 100)
    book.close(third)

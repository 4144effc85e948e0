"""A synthetic export of the ledger's table: files of DynamoDB JSON, as an export to S3 has them."""

import gzip
import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import botocore.session
from botocore.parsers import create_parser

from chalicelib.projection.authoritative_entries import LedgerCursor
from chalicelib.storage.dynamodb_items import Item

FILES = 8
PAGE = 4_000
_HEX_TO_ID = str.maketrans("0123456789abcdef", "abcdefghijklmnop")
_DIGEST = "l" * 43
# Made by text and not from entries, which would take longer than what is measured.
_LINE = (
    '{"Item":{"entry_id":{"S":"%(id)s"},"kind":{"S":"entry"},"merchant_id":{"S":"%(merchant)s"},'
    '"type":{"S":"%(type)s"},"currency":{"S":"BRL"},"account":{"S":"%(account)s"},'
    '"day":{"S":"%(day)s"},"occurred_at":{"S":"%(day)sT14:%(minute)02d:05.000-03:00"},'
    '"recorded_at":{"S":"%(day)sT18:%(minute)02d:16.230Z"},'
    '"recorded_by":{"S":"1fe0c7b5-8f0c-4f5e-9a52-0f6f3f1c6d2a"},'
    '"description":{"S":"%(text)s %(number)d"},"category":{"S":"%(category)s"},'
    '"text_salt":{"S":"c2FsdHNhbHRzYWx0c2FsdA"},"text_digest":{"S":"' + _DIGEST + '"},'
    '"request_digest":{"S":"' + _DIGEST + '"},"request_text_digest":{"S":"' + _DIGEST + '"},'
    '"merchant_shard":{"S":"%(merchant)s#%(shard)d"},"day_entry":{"S":"%(day)s#%(id)s"},'
    '"amount_minor":{"N":"%(amount)d"}}}\n'
)
_BEFORE_ITEM = b'{"Item":'
_ACCOUNTS = ("main", "bank", "card-machine")
_CATEGORIES = ("sales", "sales", "pix", "suppliers", "wages")
_TEXTS = ("Venda balcão", "Pix de Ana", "Moinho Aurora: farinha", "Nota 12", "Energia")


def write_export(folder: Path, entries: int, merchants: int, days: int) -> None:
    """Write entries of some merchants over a number of days, in the order of no key."""
    for number in range(FILES):
        path = folder / f"{number}.json.gz"
        with gzip.open(path, "wt", compresslevel=1, encoding="utf-8") as file:
            count = entries * (number + 1) // FILES - entries * number // FILES
            file.writelines(_lines(number, count, merchants, days))


def _lines(seed: int, count: int, merchants: int, days: int) -> Iterator[str]:
    chance = random.Random(seed)
    first = date(2025, 11, 1)
    names = [(first + timedelta(days=number)).isoformat() for number in range(days)]
    for number in range(count):
        drawn = chance.getrandbits(60)
        digest = hashlib.md5(b"%d:%d" % (seed, number), usedforsecurity=False).hexdigest()
        yield _LINE % {
            "id": digest.translate(_HEX_TO_ID),
            "merchant": f"loja-{(drawn >> 30) % merchants:06}",
            "type": "credit" if drawn % 5 else "debit",
            "account": _ACCOUNTS[drawn % 3],
            "day": names[(drawn >> 16) % days],
            "minute": (drawn >> 8) % 60,
            "text": _TEXTS[drawn % 5],
            "number": number,
            "category": _CATEGORIES[drawn % 5],
            "shard": drawn % 4,
            "amount": drawn % 50_000 + 1,
        }


class ExportedTable:
    """An export as a rebuild reads the ledger, page by page; a cursor is a line number by file.

    Merchants are looked up in memory, so that only the read model's side is measured.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[str, tuple[int, Iterator[bytes]]] = {}
        self._owners: dict[str, str] | None = None

    def pages(
        self, _merchant_id: str | None, cursor: LedgerCursor | None
    ) -> tuple[list[list[Item]], LedgerCursor | None]:
        """Return the next page of the first unfinished file, and where to continue."""
        unfinished = dict.fromkeys(map(str, range(FILES)), 0) if cursor is None else dict(cursor)
        name, lines_read = next(iter(unfinished.items()))
        items = self._items(self._lines(name, lines_read))
        unfinished[name] = lines_read + len(items)
        if len(items) < PAGE:
            del unfinished[name]
        return [items], unfinished or None

    def owners(self, entry_ids: Sequence[str]) -> dict[str, str]:
        """Return the merchants of entries, from memory."""
        if self._owners is None:
            items = (line["Item"] for line in _parsed(self._all_lines()))
            self._owners = {item["entry_id"]["S"]: item["merchant_id"]["S"] for item in items}
        return {name: self._owners[name] for name in entry_ids if name in self._owners}

    def corrected(self, _entry_ids: Sequence[str]) -> set[str]:
        """Return no entries: the export has no corrections."""
        return set()

    def held(self, entry_ids: Sequence[str]) -> list[Item]:
        """Raise RuntimeError: no entry differs, so none is looked up."""
        raise RuntimeError(f"{len(entry_ids)} entries differ from the export")

    def _items(self, lines: Iterator[bytes]) -> list[Item]:
        return [line["Item"] for line in _parsed(lines)]

    def _all_lines(self) -> Iterator[bytes]:
        for path in sorted(self._folder.iterdir()):
            yield from _lines_of(path)

    def _lines(self, name: str, lines_read: int) -> Iterator[bytes]:
        position, lines = self._open.get(name, (-1, iter(())))
        if position != lines_read:
            lines = islice(_lines_of(self._folder / f"{name}.json.gz"), lines_read, None)
        self._open[name] = (lines_read + PAGE, lines)
        return islice(lines, PAGE)


class TableParsedByBotocore(ExportedTable):
    """An exported table whose pages botocore parses, as it parses the responses of a scan."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        model = botocore.session.get_session().get_service_model("dynamodb")
        self._shape: Any = model.operation_model("Scan").output_shape
        self._parser = create_parser("json")

    def _items(self, lines: Iterator[bytes]) -> list[Item]:
        body = b'{"Items":[' + b",".join(line[len(_BEFORE_ITEM) : -2] for line in lines) + b"]}"
        response = {"status_code": 200, "headers": {}, "body": body}
        items: list[Item] = self._parser.parse(response, self._shape)["Items"]
        return items


def _lines_of(path: Path) -> Iterator[bytes]:
    with gzip.open(path) as lines:
        yield from lines


def _parsed(lines: Iterator[bytes]) -> list[dict[str, Item]]:
    # At once, as the response of a scan is.
    parsed: list[dict[str, Item]] = json.loads(b"[" + b",".join(lines) + b"]")
    return parsed


def files_of(part: int, parts: int) -> LedgerCursor:
    """Return the beginning of one of several parts of an export."""
    return {str(number): 0 for number in range(part, FILES, parts)}

"""A year of 900 entries in a temporary read model, and the application over it.

Three accounts, two currencies, reversals, entries that came after their day was closed, erased
texts, and texts that are formulas, markup or outside of common fonts.
"""

import base64
import json
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.ledger.entries import Entry, reversal_draft, without_texts
from verification.benchmarks.events import CONTEXT, api_event
from verification.commands import VerificationError
from verification.kit.bakery import BakerySettings
from verification.kit.generators import Mix, draft, erased, inserted, recorded_entry

if TYPE_CHECKING:
    from verification.benchmarks.servers import ReadModelServer

MERCHANT, ACCOUNTS, CURRENCIES = "padaria", ("main", "bank", "cash"), ("BRL", "JPY")
FIRST, LAST = date(2025, 12, 1), date(2026, 11, 30)
OPENING, ORDINARY, LATE, REVERSED, ERASED = 60, 820, 40, 40, 30
"""Numbers of entries: before FIRST, in time, after their day was closed; and of those."""
TEXTS = (
    "Pão & café: João Conceição Araújo",
    "=cmd|' /C calc'!A0",
    "+55 11 99999-0000",
    "-2+3",
    "@SUM(A1:A9)",
    'Aspas "duplas"; Fornecedor | <b>São Luís</b>',
    "🍞 Čapek ½ €, 100%",
    None,
)
MIX = Mix(
    currencies=("BRL", "BRL", "JPY"),
    accounts=ACCOUNTS,
    descriptions=TEXTS,
    amounts=lambda chance: chance.randrange(1, 500_000),
)
_CLOSE = """
    INSERT INTO closings (merchant_id, day, version, sequence, root, key_id, published, run)
    SELECT merchant_id, day, 1, sequence, root, 'key', json_build_object('merchant', merchant_id,
        'day', day::text, 'version', 1, 'sequence', sequence, 'root', root, 'key_id', 'key',
        'signature', repeat('s', 96)), 'night'
    FROM (
        SELECT merchant_id, day, translate(md5(day::text), '01', 'zy') || 'root-------' AS root,
            (row_number() OVER (ORDER BY day))::integer AS sequence
        FROM unsealed_days WHERE day < '2026-11-28'
    ) AS days;
    DELETE FROM unsealed_days WHERE day < '2026-11-28'
"""


@contextmanager
def seeded_year() -> Iterator[list[Entry]]:
    """Serve the year from a temporary PostgreSQL until the block ends; the entries as recorded."""
    from verification.benchmarks.servers import read_model_server

    on_time, late = year()
    with read_model_server(durable=False) as server:
        _project(server, [inserted(entry) for entry in on_time])
        server.administrate(_CLOSE)
        _project(server, [inserted(entry) for entry in late])
        _project(server, [erased(entry) for entry in on_time[OPENING : OPENING + ERASED]])
        yield [*on_time, *late]


def year() -> tuple[list[Entry], list[Entry]]:
    """Return the entries that are recorded before their days are closed, and those after."""
    chance = random.Random(12)

    def entries(prefix: str, count: int, first: date, days: int, delay: timedelta) -> list[Entry]:
        start = datetime(first.year, first.month, first.day, 3, tzinfo=UTC)
        recorded = []
        for number in range(count):
            moment = start + timedelta(minutes=chance.randrange(days * 24 * 60))
            entry_draft = draft(chance, MIX, lambda _, at=moment: at.isoformat())  # type: ignore[misc]
            key = f"{prefix}-{number}"
            recorded.append(recorded_entry(entry_draft, MERCHANT, key, moment + delay))
        return recorded

    moment, days = timedelta(seconds=2), (LAST - FIRST).days + 1
    opening = entries("opening", OPENING, FIRST - timedelta(days=40), 40, moment)
    ordinary = entries("ordinary", ORDINARY, FIRST, days, moment)
    late = entries("late", LATE, FIRST, days - 30, timedelta(days=30))
    reversals = [_reversal(entry) for entry in ordinary[-REVERSED:]]
    return [*opening, *ordinary], [*late, *reversals]


def _reversal(original: Entry) -> Entry:
    at = min(original.recorded_at + timedelta(days=3), datetime(2026, 11, 30, 20, tzinfo=UTC))
    reversal = reversal_draft(original, "Estorno: lançado em dobro")
    entry = recorded_entry(reversal, MERCHANT, f"reversal-{original.entry_id}", at)
    return entry._replace(reverses=original.entry_id)


def _project(server: "ReadModelServer", records: Sequence[dict[str, Any]]) -> None:
    from chalicelib.projection.entry_changes import EntryChange, change_of
    from chalicelib.projection.writer import Writer

    changes = [change for change in map(change_of, records) if isinstance(change, EntryChange)]
    writer = Writer(server.connections())
    writer.add(changes)
    writer.erase([change.entry_id for change in changes if change.erased])


def fetch(query: dict[str, str]) -> bytes:
    """Return the body of GET /v1/statements of the whole year, as the gateway would send it."""
    import app
    from chalicelib.commands import wiring

    setattr(wiring, "merchant_settings", BakerySettings)  # noqa: B010
    span = {"from": FIRST.isoformat(), "to": LAST.isoformat()}
    response = app.app(api_event("GET", "/v1/statements", query=span | query), CONTEXT)
    if response["statusCode"] != 200:
        raise VerificationError(f"GET /v1/statements with {query} returned {response['body']}")
    if response.get("isBase64Encoded"):
        return base64.b64decode(response["body"])
    return str(response["body"]).encode()


def fetch_json(query: dict[str, str]) -> dict[str, Any]:
    """Return the statement as JSON."""
    body: dict[str, Any] = json.loads(fetch({**query, "format": "json"}))
    return body


def expected_texts(recorded: Sequence[Entry]) -> dict[str, str | None]:
    """Return the description of each entry by id; None where it was erased."""
    gone = {entry.entry_id for entry in recorded[OPENING : OPENING + ERASED]}
    return {
        entry.entry_id: (without_texts(entry) if entry.entry_id in gone else entry).description
        for entry in recorded
    }

"""The actions of a scenario: a merchant's requests, the stream, rebuilds and closings."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

from chalice.local import LambdaContext
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

import app
from chalicelib.storage.dynamodb_items import is_entry, stored_entry
from tests.api.conftest import Deployed
from tests.api.expected_book import DIGITS, Body, ExpectedBook, Line, shown
from tests.fixtures.night import NightWorld
from verification.kit.api_client import ApiClient, in_process, unverified_token
from verification.kit.reference_model import business_day

LAST_YEAR = business_day(datetime.now(UTC)).year - 1
# Around the ends of a year and of a month, where totals by month and year take over.
DAYS = [date(LAST_YEAR, 1, 1) + timedelta(days=number) for number in (-1, 0, 1, 30, 31)]
TEXTS = {"Pão de queijo": "PAO", "100% café": "0% C", "Fornecedor": "fornec"}
CURRENCIES = st.sampled_from(["BRL", "BRL", "BRL", "JPY", "BHD"])
ACCOUNTS = st.sampled_from(["main", "bank"])
CATEGORIES = st.sampled_from([None, "sales", "suppliers"])
MINOR = st.integers(1, 999) | st.integers(1, 10**15 - 1)
# The last moment of a business day in São Paulo is the next day in UTC.
MOMENTS = st.sampled_from(["T00:00:00-03:00", "T12:00:00-03:00", "T23:30:00-03:00"])
PICKS = st.integers(0, 10**6)


@st.composite
def sales(draw: st.DrawFn) -> Body:
    currency, day = draw(CURRENCIES), draw(st.sampled_from([None, *DAYS]))
    moment = f"{day}{draw(MOMENTS)}"
    if day and draw(st.booleans()):
        moment = datetime.fromisoformat(moment).astimezone(UTC).isoformat()
    body = {
        "type": draw(st.sampled_from(["credit", "debit"])),
        "amount": shown(draw(MINOR), currency),
        "currency": currency,
        "account": draw(ACCOUNTS),
        "category": draw(CATEGORIES),
        "description": draw(st.sampled_from([None, *TEXTS])),
        "metadata": draw(st.sampled_from([{}, {"order": "A-17"}])),
    }
    return body | ({"occurred_at": moment} if day else {})


FILTERS = st.sampled_from(
    [
        *(("from", f"{day}") for day in DAYS[:2]),
        *(("to", f"{day}") for day in DAYS[2:]),
        *(("type", kind) for kind in ("credit", "debit")),
        *(("account", account) for account in ("main", "bank")),
        *(("currency", currency) for currency in DIGITS),
        *(("category", category) for category in ("sales", "suppliers")),
        *(("q", text) for text in TEXTS.values()),
    ]
)


class MerchantActions(RuleBasedStateMachine):
    """Actions of one merchant and of the service, checked against a reference ledger."""

    def __init__(self, deployed: Deployed, world: NightWorld) -> None:
        super().__init__()
        deployed.table.empty()
        self.deployed, self.world = deployed, world
        self.client, self.rival = (
            ApiClient(in_process(app.app), unverified_token(name))
            for name in (world.merchant, f"{world.merchant}-rival")
        )
        self.book = ExpectedBook()
        self.keys = 0

    @initialize(bodies=st.lists(sales(), min_size=6, max_size=12))
    def begin(self, bodies: list[Body]) -> None:
        self.record_many(bodies, 0, True)

    @rule(body=sales(), is_delivered=st.booleans())
    def record(self, body: Body, is_delivered: bool) -> None:
        entry_id = self._record("/v1/entries", body, body | {"reverses": None})
        self._deliver([entry_id] if is_delivered else [])

    @rule(bodies=st.lists(sales(), min_size=2, max_size=8), pick=PICKS, is_delivered=st.booleans())
    def record_many(self, bodies: list[Body], pick: int, is_delivered: bool) -> None:
        """Record a batch that repeats an item, and perhaps an earlier request."""
        keys = [self._key() for _ in bodies]
        sent = [{"idempotency_key": key, **body} for key, body in zip(keys, bodies, strict=True)]
        singles = [line for line in self.book.lines.values() if not line.entry["reverses"]]
        for line in singles[pick % (len(singles) + 1) :][:1]:
            sent.append({"idempotency_key": line.key, **line.body})
        batch = {"entries": [*sent, sent[0]]}
        results = self.client.post("/v1/entries/batch", batch, key=None).json["results"]
        assert [result["status"] for result in results] == [201] * (len(sent) + 1)
        assert results[-1] == results[0]
        entries = [result["entry"] for result in results]
        for key, body, entry in zip(keys, bodies, entries, strict=False):
            self._note("/v1/entries", body, key, entry, body | {"reverses": None})
        for entry in entries[len(bodies) : -1]:
            assert entry | {"reversed_by": None} == self._first(entry["id"])
        self._deliver([entry["id"] for entry in entries] if is_delivered else [])

    @rule(pick=PICKS)
    def send_again(self, pick: int) -> None:
        line = self._line(pick)
        response = self.client.post(line.path, line.body, line.key)
        assert (response.status, response.headers["idempotent-replayed"]) == (201, "true")
        assert response.json | {"reversed_by": None} == self._first(line.entry["id"])

    @rule(pick=PICKS, reason=st.sampled_from(["Troca", "Em dobro"]))
    def reverse(self, pick: int, reason: str) -> None:
        """Reverse an entry; a reversal or a reversed entry cannot be reversed."""
        line = self._line(pick)
        path = f"/v1/entries/{line.entry['id']}/reversal"
        if line.reversed_by or line.entry["reverses"]:
            assert self.client.post(path, {"reason": reason}, self._key()).status == 409
            return
        entry = {name: line.entry[name] for name in ("amount", "currency", "account", "category")}
        entry["type"] = "debit" if line.entry["type"] == "credit" else "credit"
        entry |= {"description": reason, "metadata": {}, "reverses": line.entry["id"]}
        line.reversed_by = self._record(path, {"reason": reason}, entry)

    @rule(pick=PICKS)
    def erase(self, pick: int) -> None:
        line = self._line(pick)
        path = f"/v1/entries/{line.entry['id']}/erasure"
        assert self.rival.post(path, b"", self._key()).status == 404
        assert self.client.post(path, b"", self._key()).status == 204
        line.erased = True

    @rule(seed=PICKS, most=st.integers(1, 12))
    def project(self, seed: int, most: int) -> None:
        """Let the stream deliver some items, in any order, perhaps again."""
        entry_ids = sorted(self.book.lines)
        random.Random(seed).shuffle(entry_ids)
        self._deliver(entry_ids[:most])

    @rule()
    def rebuild(self) -> None:
        """Rebuild the read model from the ledger, which adds what the stream has not delivered."""
        lines = self.book.lines.values()
        missing = sum(not line.seen for line in lines)
        # Its time runs from here.
        fifteen_minutes = LambdaContext("rebuild", 1024, 900_000)
        stats = app.rebuild({"merchant_id": self.world.merchant}, fifteen_minutes)
        assert (stats["entries"], stats["missing"], stats["removed"]) == (len(lines), missing, 0)
        for line in lines:
            line.seen, line.seen_erased = True, line.erased

    @rule(day=st.sampled_from(DAYS))
    def close(self, day: date) -> None:
        """Close a day, and before it earlier ones that are open or restated.

        A day that did not change gets no new version. Erasures are delivered first, because the
        ledger in memory does not know that they are on their way.
        """
        lines = self.book.lines.items()
        self._deliver([name for name, line in lines if line.erased and not line.seen_erased])
        entries = [stored_entry(item).entry for item in self._items()]
        self.world.ledger.entries = {entry.entry_id: entry for entry in entries}
        self.world.now = max([self.world.now, *(entry.recorded_at for entry in entries)])
        made = sum(self.book.close(f"{earlier}") for earlier in DAYS if earlier <= day)
        assert self.world.close(day) == {
            "merchants": 1, "closed": made, "repaired": 0, "failed": 0, "failed_ranges": 0,
        }  # fmt: skip

    def _record(self, path: str, body: Body, expected: Body) -> str:
        key = self._key()
        response = self.client.post(path, body, key)
        assert (response.status, "idempotent-replayed" in response.headers) == (201, False)
        return self._note(path, body, key, response.json, expected)

    def _note(self, path: str, body: Body, key: str, entry: Body, expected: Body) -> str:
        assert entry["day"] == str(business_day(datetime.fromisoformat(entry["occurred_at"])))
        assert {name: entry[name] for name in expected} == expected
        assert entry["id"] not in self.book.lines
        self.book.lines[entry["id"]] = Line(entry, path, body, key)
        return str(entry["id"])

    def _first(self, entry_id: str) -> Body:
        return self.book.in_ledger(entry_id) | {"reversed_by": None}

    def _line(self, pick: int) -> Line:
        return list(self.book.lines.values())[pick % len(self.book.lines)]

    def _deliver(self, entry_ids: list[str]) -> None:
        items = {item["entry_id"]["S"]: item for item in self._items()}
        changes = []
        for entry_id in entry_ids:
            line = self.book.lines[entry_id]
            line.seen, line.seen_erased = True, line.erased
            changes.append(("MODIFY" if line.erased else "INSERT", items[entry_id]))
        self.deployed.deliver(changes)

    def _items(self) -> list[dict[str, Any]]:
        return [item for item in self.deployed.table.items() if is_entry(item)]

    def _key(self) -> str:
        self.keys += 1
        return f"key-{self.keys}"

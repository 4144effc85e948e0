"""What happens in any story: a merchant's requests, the stream, rebuilds, and nights."""

import random
from datetime import date, datetime
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

import app
from chalicelib.storage.dynamodb_items import is_entry, stored_entry
from tests.fixtures.lambda_context import FifteenMinutes
from tests.fixtures.night import NightWorld
from tests.web.asking import ApiClient
from tests.web.conftest import Deployed
from tests.web.made_up import DAYS, PICKS, ZONE, sales
from tests.web.plain_book import Answer, Line, ReferenceLedger, shown


class MerchantActions(RuleBasedStateMachine):
    """What a merchant and the machinery do; each merchant has a book of its own."""

    def __init__(self, deployed: Deployed, world: NightWorld) -> None:
        super().__init__()
        deployed.table.empty()
        self.deployed, self.world = deployed, world
        self.asker, self.rival = ApiClient(world.merchant), ApiClient(f"{world.merchant}-rival")
        self.book = ReferenceLedger()
        self.keys = 0

    @initialize(bodies=st.lists(sales(), min_size=6, max_size=12))
    def begin(self, bodies: list[Answer]) -> None:
        """Begin with a book that the read model knows."""
        self.record_many(bodies, 0, True)

    @rule(body=sales(), is_carried=st.booleans())
    def record(self, body: Answer, is_carried: bool) -> None:
        """Record an entry, of now or a late one, which the stream may carry on at once."""
        entry_id = self._record("/v1/entries", body, body | {"reverses": None})
        self._carry([entry_id] if is_carried else [])

    @rule(bodies=st.lists(sales(), min_size=2, max_size=8), pick=PICKS, is_carried=st.booleans())
    def record_many(self, bodies: list[Answer], pick: int, is_carried: bool) -> None:
        """Record a batch, in which an item may be sent twice, and an earlier request again."""
        keys = [self._key() for _ in bodies]
        sent = [{"idempotency_key": key, **body} for key, body in zip(keys, bodies, strict=True)]
        singles = [line for line in self.book.lines.values() if not line.told["reverses"]]
        for line in singles[pick % (len(singles) + 1) :][:1]:
            sent.append({"idempotency_key": line.key, **line.body})
        response = self.asker.post("/v1/entries/batch", {"entries": [*sent, sent[0]]}).json[
            "results"
        ]
        assert [one["status"] for one in response] == [201] * (len(sent) + 1)
        assert response[-1] == response[0]
        for key, body, one in zip(keys, bodies, response, strict=False):
            self._take_down("/v1/entries", body, key, one["entry"], body | {"reverses": None})
        for one in response[len(bodies) : -1]:
            entry_id = one["entry"]["id"]
            first = self.book.in_ledger(entry_id) | {"reversed_by": None}
            assert one["entry"] | {"reversed_by": None} == first
        self._carry([one["entry"]["id"] for one in response] if is_carried else [])

    @precondition(lambda self: self.book.lines)
    @rule(pick=PICKS)
    def send_again(self, pick: int) -> None:
        """Send a request again that was answered."""
        line = self._line(pick)
        response = self.asker.post(line.path, line.body, line.key)
        assert (response.status, response.headers["Idempotent-Replayed"]) == (201, "true")
        first = self.book.in_ledger(line.told["id"]) | {"reversed_by": None}
        assert response.json | {"reversed_by": None} == first

    @precondition(lambda self: self.book.lines)
    @rule(pick=PICKS, body=sales())
    def send_another_body(self, pick: int, body: Answer) -> None:
        """Use a key again for something else, which records nothing."""
        line = self._line(pick)
        other = body | {"amount": shown(line.minor % 999 + 1, body["currency"])}
        if other["amount"] != line.told["amount"]:
            assert self.asker.post("/v1/entries", other, line.key).status == 422

    @precondition(lambda self: self.book.lines)
    @rule(pick=PICKS, reason=st.sampled_from(["Troca", "Em dobro"]))
    def reverse(self, pick: int, reason: str) -> None:
        """Reverse an entry; a reversal, and what is reversed already, is refused."""
        line = self._line(pick)
        path = f"/v1/entries/{line.told['id']}/reversal"
        if line.reversed_by or line.told["reverses"]:
            assert self.asker.post(path, {"reason": reason}, self._key()).status == 409
            return
        said = {name: line.told[name] for name in ("amount", "currency", "account", "category")}
        said["type"] = "debit" if line.told["type"] == "credit" else "credit"
        said |= {"description": reason, "metadata": {}, "reverses": line.told["id"]}
        line.reversed_by = self._record(path, {"reason": reason}, said)

    @precondition(lambda self: self.book.lines)
    @rule(pick=PICKS)
    def erase(self, pick: int) -> None:
        """Erase an entry's texts, once more if they are erased already."""
        line = self._line(pick)
        path = f"/v1/entries/{line.told['id']}/erasure"
        assert self.rival.post(path, "", self._key()).status == 404
        assert self.asker.post(path, "", self._key()).status == 204
        line.erased = True

    @precondition(lambda self: self.book.lines)
    @rule(seed=PICKS, most=st.integers(1, 12))
    def project(self, seed: int, most: int) -> None:
        """Let the stream carry some items, in any order, whether it carried them before or not."""
        entry_ids = sorted(self.book.lines)
        random.Random(seed).shuffle(entry_ids)
        self._carry(entry_ids[:most])

    @rule()
    def rebuild(self) -> None:
        """Make the read model again from the ledger, which finds what the stream has not told."""
        lines = self.book.lines.values()
        missing = sum(not line.seen for line in lines)
        result = app.rebuild({"merchant_id": self.world.merchant}, FifteenMinutes())
        assert (result["entries"], result["missing"], result["removed"]) == (len(lines), missing, 0)
        for line in lines:
            line.seen, line.seen_erased = True, line.erased

    @rule(day=st.sampled_from(DAYS))
    def close(self, day: date) -> None:
        """Close a day as the read model has it; a day that did not change gets no new version."""
        entries = [stored_entry(item).entry for item in self._items()]
        self.world.ledger.entries = {one.entry_id: one for one in entries}
        self.world.now = max((entry.recorded_at for entry in entries), default=self.world.now)
        repaired, made = self.book.erase_left(f"{day}"), self.book.close(f"{day}")
        assert self.world.close(day) == {
            "merchants": 1, "closed": int(made), "repaired": repaired, "failed": 0,
            "failed_ranges": 0,
        }  # fmt: skip

    def _record(self, path: str, body: Answer, said: Answer) -> str:
        key = self._key()
        response = self.asker.post(path, body, key)
        assert (response.status, "Idempotent-Replayed" in response.headers) == (201, False)
        return self._take_down(path, body, key, response.json, said)

    def _take_down(self, path: str, body: Answer, key: str, entry: Answer, said: Answer) -> str:
        moment = entry["occurred_at"]
        assert entry["day"] == str(datetime.fromisoformat(moment).astimezone(ZONE).date())
        assert {name: entry[name] for name in said} == said
        assert entry["id"] not in self.book.lines
        self.book.lines[entry["id"]] = Line(entry, path, body, key)
        return str(entry["id"])

    def _line(self, pick: int) -> Line:
        lines = list(self.book.lines.values())
        return lines[pick % len(lines)]

    def _carry(self, entry_ids: list[str]) -> None:
        items = {item["entry_id"]["S"]: item for item in self._items()}
        records = []
        for entry_id in entry_ids:
            line = self.book.lines[entry_id]
            line.seen, line.seen_erased = True, line.erased
            kind = "MODIFY" if line.erased else "INSERT"
            result = {"Keys": {}, "NewImage": items[entry_id]}
            records.append({"eventName": kind, "dynamodb": result})
        if records:
            app.projector({"Records": records}, None)

    def _items(self) -> list[dict[str, Any]]:
        return [item for item in self.deployed.table.items() if is_entry(item)]

    def _key(self) -> str:
        self.keys += 1
        return f"key-{self.keys}"

"""Any story of a merchant, in which whatever is asked is response as a plain book has it."""

import json
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

import verify
from tests.api.merchant_actions import MerchantActions
from tests.api.paged_list import PagedList
from tests.api.reference_model import DIGITS, Answer
from tests.api.strategies import ACCOUNTS, CURRENCIES, DAYS, PICKS, ZONE, filters, sales
from tests.verify.book import KEY_ID, pem, private_key

KEYS = json.dumps({"keys": {KEY_ID: pem(private_key())}}).encode()
LIMITS = st.sampled_from([1, 2, 3, 200])


class MerchantScenario(MerchantActions):
    """A merchant of its own over the real stores, who asks in the midst of what happens."""

    @precondition(lambda self: self.book.lines)
    @rule(pick=PICKS)
    def get_entry(self, pick: int) -> None:
        """Read an entry from the ledger itself."""
        entry_id = self._line(pick).entry["id"]
        assert self.client.get(f"/v1/entries/{entry_id}").json == self.book.in_ledger(entry_id)
        assert self.rival.get(f"/v1/entries/{entry_id}").status == 404

    @rule(day=st.sampled_from(DAYS), pick=PICKS, limit=LIMITS)
    def ask_for_closings(self, day: date, pick: int, limit: int) -> None:
        """Read a day's versions, the leaves of one, and the proof of an entry."""
        path, versions = f"/v1/closings/{day}", self.book.sealed.get(f"{day}", [])
        response = self.client.get(path)
        assert self.rival.get(path).status == 404
        assert response.status == (200 if versions else 404)
        if not versions:
            return
        items = response.json["items"][::-1]
        assert [item["entries"] for item in items] == [len(version) for version in versions]
        added = [sorted(now - before) for before, now in pairwise(versions)]
        assert [one["changes"]["added"] for one in items[1:]] == added
        number = pick % len(versions)
        assert self._leaves(f"{path}/{number + 1}/leaves?limit={limit}") == sorted(versions[number])
        for entry_id in sorted(self.book.lines)[pick % len(self.book.lines) :][:1]:
            proved = self.client.get(f"{path}/proof?entry={entry_id}").status
            assert proved == (200 if entry_id in versions[-1] else 404)

    @rule(
        asked=filters(),
        limits=st.lists(LIMITS, min_size=1, max_size=3),
        arriving=st.lists(sales(), min_size=1, max_size=4),
    )
    def list_while_entries_arrive(
        self, asked: dict[str, str], limits: list[int], arriving: list[Answer]
    ) -> None:
        """Read a list to its end in pages of several lengths; after the first one more comes in."""
        reading = PagedList(self.book, asked)
        while not reading.is_done:
            limit = limits[reading.pages % len(limits)]
            response = self.client.get(f"/v1/entries?{reading.query(limit)}")
            assert response.status == 200
            reading.take(response.json, limit)
            if reading.pages == 1 and arriving:
                self.record_many(arriving, 0, True)

    @rule(
        first=st.sampled_from(DAYS),
        days=st.integers(1, 40),
        account=st.none() | ACCOUNTS,
        currency=CURRENCIES,
    )
    def ask_for_balances(self, first: date, days: int, account: str | None, currency: str) -> None:
        """Read the balances of a run of days, and of the last one by itself."""
        last = first + timedelta(days=days - 1)
        request = {"currency": currency} | ({"account": account} if account else {})
        path = "/v1/daily-balances"
        response = self.client.get(f"{path}?{urlencode(request | _span(first, last))}").json
        expected = self.book.balances(first, days, account, currency)
        assert response["items"] == expected
        moments = [line.entry["recorded_at"] for line in self.book.lines.values() if line.seen]
        assert response["freshness"]["as_of"] == max(moments, default=None)
        alone = self.client.get(f"{path}/{last}?{urlencode(request)}").json
        assert alone == expected[-1] | {"freshness": response["freshness"]}

    @rule(
        by=st.sampled_from(["day", "week", "month"]),
        group=st.sampled_from(["category", "account", "none"]),
        currency=CURRENCIES,
        today=st.booleans(),
    )
    def ask_for_cash_flow(self, by: str, group: str, currency: str, today: bool) -> None:
        """Read what came in and went out, around the turn of the year or lately."""
        now = datetime.now(ZONE).date()
        first, last = (now - timedelta(days=1), now) if today else (DAYS[0], DAYS[-1])
        request = {"by": by, "group": group, "currency": currency} | _span(first, last)
        response = self.client.get(f"/v1/cash-flow?{urlencode(request)}").json
        assert response["items"] == self.book.cash_flow(first, last, by, group, currency)

    def teardown(self) -> None:
        """Ask for everything once more."""
        for currency in DIGITS:
            self.ask_for_balances(DAYS[0], 40, None, currency)
            self.ask_for_cash_flow("month", "category", currency, today=False)
        for day in DAYS:
            self.ask_for_closings(day, 0, 200)
        self.list_while_entries_arrive({}, [200], [])
        self._have_the_seals_checked()

    def _have_the_seals_checked(self) -> None:
        words = ["--merchant", self.world.merchant, "--since", "1", "--keys"]
        with TemporaryDirectory() as folder:
            for name, content in {"keys": KEYS, **self.world.bucket}.items():
                path = Path(folder) / name.replace("/", "-")
                path.write_bytes(content)
                words += [f"--{name.partition('/')[0]}"] * ("/" in name) + [str(path)]
            assert not self.world.bucket or verify.main(words) == 0

    def _leaves(self, path: str) -> list[str]:
        page = self.client.get(path).json
        result = [leaf["entry"] for leaf in page["items"]]
        while page["next_cursor"]:
            page = self.client.get(f"{path}&cursor={page['next_cursor']}").json
            result += [leaf["entry"] for leaf in page["items"]]
        return result


def _span(first: date, last: date) -> dict[str, str]:
    return {"from": f"{first}", "to": f"{last}"}

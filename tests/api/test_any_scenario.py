"""Whatever a merchant does in any order, the API agrees with the reference ledger."""

import json
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial
from itertools import count, cycle, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test
from pydantic import TypeAdapter

import verify
from chalicelib.api.cash_flow import CashFlowResponse
from chalicelib.api.closing_responses import ClosingsResponse, LeavesResponse, ProofResponse
from chalicelib.api.daily_balances import DailyBalanceResponse, DailyBalancesResponse
from chalicelib.api.entry_responses import EntriesResponse, EntryResponse
from chalicelib.closing import reconcile
from tests.api.conftest import Deployed
from tests.api.expected_book import DIGITS, Body
from tests.api.merchant_actions import (
    ACCOUNTS,
    CURRENCIES,
    DAYS,
    FILTERS,
    PICKS,
    MerchantActions,
    sales,
)
from tests.fixtures.night import BUCKET, LedgerInMemory, NightWorld
from tests.verify.book import KEY_ID, pem, private_key
from verification.kit.reference_model import business_day

KEYS = json.dumps({"keys": {KEY_ID: pem(private_key())}}).encode()
LIMITS = st.sampled_from([1, 2, 3, 200])


class MerchantScenario(MerchantActions):
    """Actions and reads of one merchant over the real stores."""

    @rule(pick=PICKS)
    def get_entry(self, pick: int) -> None:
        entry_id = self._line(pick).entry["id"]
        entry = self._get(f"/v1/entries/{entry_id}", EntryResponse)
        assert entry == self.book.in_ledger(entry_id)
        assert self.rival.get(f"/v1/entries/{entry_id}").status == 404

    @rule(day=st.sampled_from(DAYS), pick=PICKS, limit=LIMITS)
    def read_closings(self, day: date, pick: int, limit: int) -> None:
        """Read the versions of a day, the leaves of a version, and the proof of an entry."""
        path, versions = f"/v1/closings/{day}", self.book.sealed.get(f"{day}", [])
        proof = f"{path}/proof?entry={self._line(pick).entry['id']}"
        for hidden in (path, f"{path}/1/leaves", proof):
            assert self.rival.get(hidden).status == 404
        if not versions:
            assert self.client.get(path).status == 404
            return
        items = self._get(path, ClosingsResponse)["items"][::-1]
        assert [item["entries"] for item in items] == [len(version) for version in versions]
        added = [sorted(now - before) for before, now in pairwise(versions)]
        assert [item["changes"]["added"] for item in items[1:]] == added
        number = pick % len(versions)
        pages = self._pages(f"{path}/{number + 1}/leaves", {}, [limit], LeavesResponse)
        assert [leaf["entry"] for page in pages for leaf in page] == sorted(versions[number])
        if self._line(pick).entry["id"] in versions[-1]:
            assert self._get(proof, ProofResponse)["version"] == len(versions)
        else:
            assert self.client.get(proof).status == 404

    @rule(
        parameters=st.lists(FILTERS, max_size=2).map(dict),
        limits=st.lists(LIMITS, min_size=1, max_size=3),
        arriving=st.lists(sales(), min_size=1, max_size=4),
    )
    def list_while_entries_arrive(
        self, parameters: dict[str, str], limits: list[int], arriving: list[Body]
    ) -> None:
        """Read all pages of a list, of different lengths; more entries arrive after the first."""
        promised = self.book.listed(partial(_matches, parameters))
        items: list[Body] = []
        for page in self._pages("/v1/entries", parameters, limits, EntriesResponse):
            for item in page:
                assert item == self.book.in_list(item["id"])
                assert self.book.lines[item["id"]].seen and _matches(parameters, item)
            if arriving and not items:
                self.record_many(arriving, 0, True)
            items += page
        days, ids = [item["day"] for item in items], [item["id"] for item in items]
        assert days == sorted(days, reverse=True) and len(set(ids)) == len(ids)
        # A search no longer finds a text that was erased in between.
        missing = [self.book.in_list(entry_id) for entry_id in promised - set(ids)]
        assert not [entry for entry in missing if _matches(parameters, entry)]

    @rule(
        first=st.sampled_from(DAYS),
        days=st.integers(1, 40),
        account=st.none() | ACCOUNTS,
        currency=CURRENCIES,
    )
    def read_balances(self, first: date, days: int, account: str | None, currency: str) -> None:
        """Read the balances of consecutive days, and of the last day alone."""
        last = first + timedelta(days=days - 1)
        request = {"currency": currency} | ({"account": account} if account else {})
        path = "/v1/daily-balances"
        query = urlencode(request | _span(first, last))
        response = self._get(f"{path}?{query}", DailyBalancesResponse)
        expected = self.book.balances(first, last, account, currency)
        assert response["items"] == expected
        moments = [line.entry["recorded_at"] for line in self.book.lines.values() if line.seen]
        assert response["freshness"]["as_of"] == max(moments, default=None)
        alone = self._get(f"{path}/{last}?{urlencode(request)}", DailyBalanceResponse)
        assert alone == expected[-1] | {"freshness": response["freshness"]}
        other = self.rival.get(f"{path}/{last}?{urlencode(request)}").json
        assert (other["entries"], float(other["closing"])) == (0, 0)
        assert other["freshness"] == {"as_of": None, "complete": None}

    @rule(
        by=st.sampled_from(["day", "week", "month"]),
        group=st.sampled_from(["category", "account", "none"]),
        currency=CURRENCIES,
        today=st.booleans(),
    )
    def read_cash_flow(self, by: str, group: str, currency: str, today: bool) -> None:
        """Read the cash flow around the turn of the year, or of yesterday and today."""
        now = business_day(datetime.now(UTC))
        first, last = (now - timedelta(days=1), now) if today else (DAYS[0], DAYS[-1])
        request = {"by": by, "group": group, "currency": currency} | _span(first, last)
        response = self._get(f"/v1/cash-flow?{urlencode(request)}", CashFlowResponse)
        assert response["items"] == self.book.cash_flow(first, last, by, group, currency)

    def teardown(self) -> None:
        """Read everything once more, and check all seals offline."""
        for currency in DIGITS:
            self.read_balances(DAYS[0], 40, None, currency)
            self.read_cash_flow("month", "category", currency, today=False)
        for day in DAYS:
            self.read_closings(day, 0, 200)
        self.list_while_entries_arrive({}, [200], [])
        self._check_seals()

    def _check_seals(self) -> None:
        words = ["--merchant", self.world.merchant, "--since", "1", "--keys"]
        own = {name: self.world.bucket[name] for name in self.world.bucket.keys() - BUCKET.keys()}
        with TemporaryDirectory() as folder:
            for name, content in {"keys": KEYS, **own}.items():
                path = Path(folder) / name.replace("/", "-")
                path.write_bytes(content)
                words += [f"--{name.partition('/')[0]}"] * ("/" in name) + [str(path)]
            assert not own or verify.main(words) == 0

    def _get(self, path: str, declared: Any) -> Body:
        """Return what a path responds, which is what the endpoint declares, field for field."""
        body: Body = self.client.get(path).json
        assert _adapter(declared).validate_python(body, strict=True) == body
        return body

    def _pages(
        self, path: str, parameters: dict[str, str], limits: list[int], declared: Any
    ) -> Iterator[list[Body]]:
        cursor: dict[str, str] = {}
        for limit in cycle(limits):
            query = urlencode({**parameters, "limit": f"{limit}", **cursor})
            page = self._get(f"{path}?{query}", declared)
            assert len(page["items"]) <= limit
            yield page["items"]
            if page["next_cursor"] is None:
                return
            cursor = {"cursor": page["next_cursor"]}


def test_any_scenario_agrees_with_the_reference(
    deployed: Deployed, night_world: NightWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nothing that the stream has not delivered is repaired, however long the scenario takes.
    monkeypatch.setattr(reconcile, "PROJECTION_GRACE", timedelta(days=1))
    numbers = count(1)

    class OneScenario(MerchantScenario):
        def __init__(self) -> None:
            # Scenarios share the stores, so each has a merchant that no other scenario uses.
            merchant = f"{night_world.merchant}-{next(numbers)}"
            world = replace(
                night_world, merchant=merchant, ledger=LedgerInMemory(), bucket=dict(BUCKET)
            )
            super().__init__(deployed, world)

    rules = settings(max_examples=10, stateful_step_count=30, derandomize=True)
    run_state_machine_as_test(OneScenario, settings=rules)


@cache
def _adapter(declared: Any) -> TypeAdapter[Any]:
    return TypeAdapter(declared)


def _span(first: date, last: date) -> dict[str, str]:
    return {"from": f"{first}", "to": f"{last}"}


def _matches(parameters: dict[str, str], entry: Body) -> bool:
    same = parameters.keys() & {"type", "account", "currency", "category"}
    return (
        all(entry[name] == parameters[name] for name in same)
        and parameters.get("from", "") <= entry["day"] <= parameters.get("to", "9999")
        and _plain(parameters.get("q", "")) in _plain(entry["description"] or "")
    )


def _plain(text: str) -> str:
    parts = unicodedata.normalize("NFD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))

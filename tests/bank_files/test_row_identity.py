"""Identities of rows: what they depend on, ordinals, and overlapping files of whole days."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.bank_files.bank_file import BankRow
from chalicelib.bank_files.row_identity import VERSIONS, AccountRow, identities

ROW = BankRow(
    row=1,
    line=2,
    outcome="created",
    reason=None,
    day=date(2026, 10, 5),
    occurred_at=None,
    amount_minor=-1850,
    balance_minor=100,
    bank_id="7",
    description="Padaria",
    raw_text=("Padaria", ""),
)
# Few values, so that many rows are equal.
rows = st.lists(
    st.builds(
        lambda account, day, amount, bank_id, text: AccountRow(
            account,
            "BRL",
            replace(
                ROW, day=date(2026, 10, day), amount_minor=amount, bank_id=bank_id, raw_text=(text,)
            ),
        ),
        st.sampled_from(["bb", "main"]),
        st.integers(1, 3),
        st.sampled_from([-1, 1]),
        st.sampled_from([None, "7"]),
        st.sampled_from(["a", "b"]),
    ),
    max_size=20,
)


def located(row: BankRow = ROW, account: str = "bb", currency: str = "BRL") -> AccountRow:
    return AccountRow(account, currency, row)


def test_identity_is_the_same_for_ever() -> None:
    assert VERSIONS == (1,)
    assert identities([located(), located()]) == [
        "KotsuFiDjoi9Id_rYFkwjN9gnP0rMnBrY1lE5xks8oA",
        "hFRX0MKE1JgVyTcXQ2_OsTKrGUasW6pcVH57mfTi5-k",
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"day": date(2026, 10, 6)},
        {"amount_minor": 1850},
        {"bank_id": None},
        {"raw_text": ("Padaria",)},
        {"raw_text": ("", "Padaria")},
    ],
    ids=["day", "sign", "bank id", "fields", "field"],
)
def test_other_rows_have_other_identities(changes: dict[str, Any]) -> None:
    assert len(set(identities([located(), located(replace(ROW, **changes))]))) == 2


def test_account_and_currency_are_part_of_it() -> None:
    three = [located(), located(account="main"), located(currency="USD")]
    assert len(set(identities(three))) == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"row": 9, "line": 9},
        {"description": "PADARIA 1/2", "instalment": "1/2", "foreign": "USD 1.00"},
        {"balance_minor": None},
    ],
    ids=["place", "what a preset makes of it", "balance"],
)
def test_other_properties_are_no_part_of_it(changes: dict[str, Any]) -> None:
    assert identities([located(replace(ROW, **changes))]) == identities([located()])


def test_only_created_rows_have_identities() -> None:
    others = [replace(ROW, outcome=outcome) for outcome in ("duplicate", "refused", "information")]
    mixed = [located(others[0]), located(), *map(located, others[1:])]
    assert identities(mixed) == [None, *identities([located()]), None, None]


@given(rows, st.randoms(use_true_random=False))
def test_order_of_rows_does_not_matter(all_rows: list[AccountRow], random: Any) -> None:
    shuffled = random.sample(all_rows, len(all_rows))
    assert set(identities(shuffled)) == set(identities(all_rows))
    assert len(set(identities(all_rows))) == len(all_rows)


@given(rows, st.lists(st.sets(st.integers(1, 3)), max_size=4))
def test_overlapping_whole_days_add_nothing(
    all_rows: list[AccountRow], pieces: list[set[int]]
) -> None:
    whole = set(identities(all_rows))
    files = [[each for each in all_rows if each.row.day.day in days] for days in pieces]  # type: ignore[union-attr]
    in_pieces = {identity for file in files for identity in identities(file)}
    assert in_pieces <= whole
    if set().union(*pieces) >= {1, 2, 3}:
        assert in_pieces == whole

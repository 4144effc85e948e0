"""Who has read something already is told so, and nothing more."""

from typing import Any

import pytest

from chalicelib.api.conditional import tagged
from chalicelib.api.exchange import WebRequest

SHOWN: dict[str, Any] = {"day": "2026-11-23", "closing": "1.00", "freshness": {"as_of": None}}


def request(*if_none_match: str) -> WebRequest:
    return WebRequest("GET", "/", "/", "r", headers={"if-none-match": list(if_none_match)})


def tag_of(shown: dict[str, Any]) -> str:
    return tagged(request(), shown).headers["ETag"]


def test_a_tag_is_strong_and_the_same_for_the_same_content() -> None:
    assert tag_of(SHOWN).startswith('"')
    assert tag_of(SHOWN) == tag_of(dict(reversed(SHOWN.items())))


def test_freshness_is_no_part_of_the_tag_and_all_else_is() -> None:
    assert tag_of(SHOWN) == tag_of(SHOWN | {"freshness": {"as_of": "2026-11-23T17:05:01.204Z"}})
    assert tag_of(SHOWN) != tag_of(SHOWN | {"closing": "1.01"})


@pytest.mark.parametrize("form", ["{}", "W/{}", '"a", {}', 'W/"b",{} ,"c"', "*", ' "a,b", {}'])
def test_who_has_it_is_answered_304_without_a_body(form: str) -> None:
    answer = tagged(request(form.format(tag_of(SHOWN))), SHOWN)
    assert (answer.status, answer.body) == (304, None)
    assert answer.headers["ETag"] == tag_of(SHOWN)


@pytest.mark.parametrize("if_none_match", ["", "*"])
def test_only_the_same_token_may_reuse_an_answer(if_none_match: str) -> None:
    headers = tagged(request(if_none_match), SHOWN).headers
    assert headers["Cache-Control"] == "private, no-cache"
    assert headers["Vary"] == "Authorization"


def test_tags_in_several_headers_are_one_list() -> None:
    assert tagged(request('"a"', tag_of(SHOWN)), SHOWN).status == 304


@pytest.mark.parametrize("form", ["", '"other"', "{bare}", '"a"{}x"', "garbage"])
def test_who_has_something_else_gets_it_all(form: str) -> None:
    said = form.replace("{bare}", tag_of(SHOWN).strip('"')).replace("{}", "")
    assert tagged(request(said), SHOWN).status == 200


def test_who_waits_for_an_entry_is_never_answered_304() -> None:
    assert tagged(request("*"), SHOWN, answerable=False).status == 200

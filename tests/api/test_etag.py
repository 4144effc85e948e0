"""Conditional reads: a client that has the response gets 304 without a body."""

from typing import Any

import pytest
from chalice.app import Request

from chalicelib.api.etag import respond
from tests.api.requests import http_request

SHOWN: dict[str, Any] = {"day": "2026-11-23", "closing": "1.00", "freshness": {"as_of": None}}


def request(*if_none_match: str) -> Request:
    return http_request(headers={"if-none-match": list(if_none_match)})


def tag_of(shown: dict[str, Any]) -> str:
    return respond(request(), shown).headers["ETag"]


def test_tag_is_strong_and_deterministic() -> None:
    assert tag_of(SHOWN).startswith('"')
    assert tag_of(SHOWN) == tag_of(dict(reversed(SHOWN.items())))


def test_tag_covers_all_but_freshness() -> None:
    assert tag_of(SHOWN) == tag_of(SHOWN | {"freshness": {"as_of": "2026-11-23T17:05:01.204Z"}})
    assert tag_of(SHOWN) != tag_of(SHOWN | {"closing": "1.01"})


@pytest.mark.parametrize("form", ["{}", "W/{}", '"a", {}', 'W/"b",{} ,"c"', "*", ' "a,b", {}'])
def test_matching_tag_gets_304_without_body(form: str) -> None:
    response = respond(request(form.format(tag_of(SHOWN))), SHOWN)
    assert (response.status, response.body) == (304, None)
    assert response.headers["ETag"] == tag_of(SHOWN)


@pytest.mark.parametrize("if_none_match", ["", "*"])
def test_only_the_same_token_may_reuse_a_response(if_none_match: str) -> None:
    headers = respond(request(if_none_match), SHOWN).headers
    assert headers["Cache-Control"] == "private, no-cache"
    assert headers["Vary"] == "Authorization"


def test_repeated_headers_are_one_list() -> None:
    assert respond(request('"a"', tag_of(SHOWN)), SHOWN).status == 304


@pytest.mark.parametrize("form", ["", '"other"', "{bare}", '"a"{}x"', "garbage"])
def test_other_tags_get_the_whole_body(form: str) -> None:
    said = form.replace("{bare}", tag_of(SHOWN).strip('"')).replace("{}", "")
    assert respond(request(said), SHOWN).status == 200


def test_unconditional_read_is_never_304() -> None:
    assert respond(request("*"), SHOWN, conditional=False).status == 200

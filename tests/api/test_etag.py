"""Conditional reads: a client that has the response gets 304 without a body."""

from typing import Any

import pytest

from chalicelib.api.etag import respond
from chalicelib.api.http import Response
from tests.api.requests import http_request

SHOWN: dict[str, Any] = {"day": "2026-11-23", "closing": "1.00", "freshness": {"as_of": None}}


def conditional(*if_none_match: str, shown: Any = SHOWN, may_be_304: bool = True) -> Response:
    request = http_request(headers={"if-none-match": if_none_match})
    return respond(request, shown, may_be_304)


def tag_of(shown: dict[str, Any]) -> str:
    return conditional(shown=shown).headers["ETag"]


def test_tag_covers_all_but_freshness() -> None:
    tag = tag_of(SHOWN)
    assert tag.startswith('W/"')
    assert tag_of(dict(reversed(SHOWN.items()))) == tag
    assert tag_of(SHOWN | {"freshness": {"as_of": "2026-11-23T17:05:01.204Z"}}) == tag
    assert tag_of(SHOWN | {"closing": "1.01"}) != tag


@pytest.mark.parametrize("form", ["{}", "W/{}", '"a", {}', 'W/"b",{} ,"c"', "*", ' "a,b", {}'])
def test_matching_tag_gets_304_without_body(form: str) -> None:
    tag = tag_of(SHOWN)
    response = conditional(form.format(tag.removeprefix("W/")))
    assert (response.status, response.body, response.headers["ETag"]) == (304, None, tag)


def test_repeated_headers_are_one_list() -> None:
    assert conditional('"a"', tag_of(SHOWN)).status == 304


@pytest.mark.parametrize("if_none_match", ["", "*"])
def test_only_the_same_token_may_reuse_a_response(if_none_match: str) -> None:
    headers = conditional(if_none_match).headers
    assert (headers["Cache-Control"], headers["Vary"]) == ("private, no-cache", "Authorization")


@pytest.mark.parametrize("form", ["", '"other"', "{bare}", '"a"x"', "garbage"])
def test_other_tags_get_the_whole_body(form: str) -> None:
    assert conditional(form.format(bare=tag_of(SHOWN).strip('W/"'))).status == 200


def test_unconditional_read_is_never_304() -> None:
    assert conditional("*", may_be_304=False).status == 200

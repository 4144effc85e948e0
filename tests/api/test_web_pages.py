"""The pages and their assets, as a browser gets them."""

import gzip
import re
from collections.abc import Iterator

import pytest

import app
from chalicelib.runtime.wiring import reset
from tests.api.conftest import Api
from tests.api.requests import proxy_event
from verification.kit.api_client import ApiClient, in_process

SIGN_IN = "https://pool.auth.sa-east-1.amazoncognito.com"
LAPTOP_ADDRESS = r"http://127\.0\.0\.1:\d+"


@pytest.fixture
def local(monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiClient]:
    """A client of the application in this process, without a token or stores."""
    monkeypatch.setenv("SIGN_IN_URL", SIGN_IN)
    monkeypatch.setenv("PEOPLE_CLIENT_ID", "client")
    reset()
    yield ApiClient(in_process(app.app), None)
    reset()


def script_of(page: str) -> str:
    match = re.search(r'src="(assets/dashboard-[0-9a-f]{12}\.js)"', page)
    assert match
    return f"/{match[1]}"


def test_dashboard_has_a_strict_policy(local: ApiClient) -> None:
    response = local.get("/")
    assert (response.status, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
    policy = response.headers["content-security-policy"]
    assert policy == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        f"connect-src 'self' {SIGN_IN}/oauth2/token {SIGN_IN}/oauth2/revoke; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    assert 'content="America/Sao_Paulo"' in response.text


def test_dashboard_is_validated_by_its_etag(local: ApiClient) -> None:
    first = local.get("/")
    assert first.headers["cache-control"] == "no-cache"
    again = local.get("/", if_none_match=first.headers["etag"])
    assert (again.status, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    other = local.get("/", if_none_match='W/"other"')
    assert other.content == first.content


def test_assets_are_cached_for_a_year(local: ApiClient) -> None:
    path = script_of(local.get("/").text)
    plain = local.get(path)
    assert plain.status == 200
    assert plain.headers["content-type"] == "text/javascript; charset=utf-8"
    assert plain.headers["cache-control"] == "public, max-age=31536000, immutable"
    packed = local.get(path, accept_encoding="gzip", accept="*/*")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert local.request("HEAD", path).content == b""
    assert local.get("/assets/dashboard-000000000000.js").is_problem(404)
    assert local.get("/assets/..%2F..%2Fapp.py").is_problem(404)


def test_stage_without_slash_is_redirected(local: ApiClient) -> None:
    event = proxy_event(path="/", route="/")
    event["requestContext"]["path"] = "/api"
    response = app.app(event, None)
    assert (response["statusCode"], response["headers"]["Location"]) == (308, "api/")


def test_return_from_sign_in_is_the_same_page(local: ApiClient) -> None:
    assert local.get("/?code=abc&state=def").content == local.get("/").content


def test_gateway_serves_page_and_assets(http_api: Api) -> None:
    page = http_api.anonymous.get("/", accept="text/html", accept_encoding="gzip, br")
    assert page.headers["content-encoding"] == "gzip"
    text = gzip.decompress(page.content).decode()
    assert re.search(rf'name="sign-in-url" content="{LAPTOP_ADDRESS}"', text)
    script = http_api.anonymous.get(script_of(text), accept="*/*", accept_encoding="gzip")
    assert gzip.decompress(script.content).startswith(b"import {")
    assert http_api.anonymous.request("HEAD", "/").status == 200
    assert http_api.anonymous.post("/", {}).is_problem(401)  # the gateway requires a token first
    assert http_api.viewer.post("/", {}).is_problem(405)

"""The pages for people, and their assets: not part of the contract, and without a token.

Everything they show comes from the routes of the contract, with the token of the signed-in user.
"""

import gzip
import hashlib

from chalice.app import Request
from chalice.app import Response as ChaliceResponse

from chalicelib.api import etag
from chalicelib.api.compression import SHORTEST_BYTES, accepts_gzip
from chalicelib.api.http import Response, chalice_response
from chalicelib.ledger.errors import NotFoundError
from chalicelib.pages import files
from chalicelib.runtime import settings
from chalicelib.runtime.wiring import once

HTML = "text/html; charset=utf-8"
_A_YEAR = 31_536_000
_LEVEL = 9
# What the pages may do in a browser (CSP 3). They load and call nothing but this service, and the
# pool's endpoints of tokens.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'{images}; "
    "connect-src 'self' {sign_in}/oauth2/token {sign_in}/oauth2/revoke; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Cache-Control": "no-cache",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept-Encoding",
}
_NO_TEXT_AS_CODE = "; require-trusted-types-for 'script'; trusted-types 'none'"


def dashboard(request: Request) -> ChaliceResponse:
    """Return the dashboard, or redirect to its address with a slash at the end.

    The page's links are relative, so that they hold under any stage and base path; without the
    slash, they would be relative to the parent of the stage.
    """
    sent = str(request.context.get("path") or "/")
    if not sent.endswith("/"):
        headers = {"Location": f"{sent.rpartition('/')[2]}/", "Cache-Control": "no-cache"}
        return chalice_response(Response(308, headers=headers), request)
    return _page(request, "dashboard", "", _NO_TEXT_AS_CODE)


def documentation(request: Request) -> ChaliceResponse:
    """Return the page that documents the API, with the images that Swagger UI's styles contain."""
    return _page(request, "docs", " data:", "")


def asset(request: Request, name: str) -> ChaliceResponse:
    """Return an asset of the pages, which never changes under its name.

    Raises NotFoundError, for example for the name of an earlier version.
    """
    file = files.asset(name)
    if file is None:
        raise NotFoundError("There is no such file; load the page again.")
    headers = {"Cache-Control": f"public, max-age={_A_YEAR}, immutable", "Vary": "Accept-Encoding"}
    content = file.content
    if len(content) >= SHORTEST_BYTES and accepts_gzip(request):
        content, headers["Content-Encoding"] = _compressed_asset(name), "gzip"
    return chalice_response(Response(200, content, headers, file.media_type), request)


def _page(request: Request, name: str, images: str, further_policy: str) -> ChaliceResponse:
    content = _content(name)
    tag = f'W/"{hashlib.sha256(content).hexdigest()[:24]}"'
    sign_in = settings.current().sign_in_url
    policy = _POLICY.format(images=images, sign_in=sign_in) + further_policy
    headers = {**_HEADERS, "ETag": tag, "Content-Security-Policy": policy}
    if etag.matches(request, tag):
        return chalice_response(Response(304, headers=headers), request)
    if accepts_gzip(request):
        content = gzip.compress(content, _LEVEL, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return chalice_response(Response(200, content, headers, HTML), request)


@once
def _content(name: str) -> bytes:
    deployed = settings.current()
    values = {
        "sign_in_url": deployed.sign_in_url,
        "client_id": deployed.people_client_id,
        "time_zone": deployed.business_zone.key,
    }
    return files.page(name, values)


@once
def _compressed_asset(name: str) -> bytes:
    file = files.asset(name)
    return gzip.compress(file.content if file else b"", _LEVEL, mtime=0)

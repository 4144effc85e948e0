"""The sign-in page of the emulated user pool, as Cognito hosts it: a session, and protected forms.

The emulator's own Python runs this (`strict_emulator.py`). The emulator issues and redeems codes,
and checks redirect URIs. Its own page keeps no session, protects no form, and takes a code without
PKCE; its refreshed tokens lack the claims of the pool's trigger. For the laptop only: the page also
has a button for each demo user.
"""

import secrets
import time
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from hashlib import sha256
from http.cookies import SimpleCookie
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from local.sign_in_page import STYLE, sign_in_page

Message = tuple[int, dict[str, str], bytes]
"""A response of the emulator: status, headers, body."""
Handle = Callable[..., Message]

SESSION, FORM = "cognito", "XSRF-TOKEN"
SESSION_SECONDS = 3600  # as in Cognito
LOOPBACK_NAMES = {"127.0.0.1", "localhost"}
_FIELDS = (
    "client_id", "redirect_uri", "response_type", "scope", "state",
    "code_challenge", "code_challenge_method", "nonce",
)  # fmt: skip
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
        f"style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Session(NamedTuple):
    """Who is signed in with a browser: the user pool's id, the user's name, until when."""

    pool: str
    user: str
    ends: float


class HostedSignIn:
    """The endpoints for browsers, around those of the emulator's modules `app` and `cognito`."""

    def __init__(self, application: Any, cognito: Any) -> None:
        self._application = application
        self._cognito = cognito
        self._body_request: Callable[..., Awaitable[Message | None]] = (
            application._handle_cognito_body_request
        )
        self._authorize: Handle = cognito.handle_oauth2_authorize
        self._submit: Handle = cognito.handle_login_submit
        self._log_out: Handle = cognito.handle_logout
        self._token: Handle = cognito._oauth2_token
        self._sessions: dict[str, Session] = {}

    def install(self) -> None:
        """Replace the emulator's endpoints by these."""
        self._cognito.handle_oauth2_authorize = self.authorize
        self._cognito.handle_login_submit = self.submit
        self._cognito.handle_logout = self.log_out
        self._cognito._oauth2_token = self.token
        self._application._handle_cognito_body_request = self.body_request

    async def body_request(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, query: Any
    ) -> Message | None:
        """Revoke a refresh token (RFC 7009), which the emulator can do only by an API call."""
        if (method, path) != ("POST", "/oauth2/revoke"):
            return await self._body_request(method, path, headers, body, query)
        form = _form(body)
        self._cognito._revoke_token({"Token": form.get("token", "")})
        return 200, {"Cache-Control": "no-store"}, b""

    def token(self, _: Any, query: Any, body: bytes, headers: Mapping[str, str]) -> Message:
        """Redeem a code, or refresh a token by the groups and attributes that its user has now.

        The emulator's own refresh of a hosted sign-in calls the pool's trigger without them.
        """
        form = _form(body)
        if form.get("grant_type") != "refresh_token":
            return self._token({}, query, body, headers)
        client, secret = self._cognito._authenticate_client(headers, form)
        refreshed: Message = self._cognito._oauth2_refresh_api_issued_token(
            form.get("refresh_token", ""), client, secret
        )
        return refreshed

    def authorize(
        self, method: str, path: str, headers: Mapping[str, str], query: Mapping[str, Any]
    ) -> Message:
        """Start a sign-in: a code for a browser with a session, otherwise the page."""
        if not _is_loopback(headers):
            return _rejected("This sign-in is only for pages on this machine.")
        checked = self._authorize(method, path, headers, query)
        if checked[0] != 200:  # the client, the redirect URI, a scope or the challenge is wrong
            return checked
        request = {name: _first(query, name) for name in _FIELDS}
        if not request["code_challenge"]:
            return _rejected("A code_challenge by the method S256 is required (RFC 7636).")
        pool, _, _ = self._cognito._find_pool_by_client_id(request["client_id"])
        session = self._session(headers)
        if session and session.pool == pool:
            return self._issue_code(session, request)
        return self._page(request)

    def submit(
        self, _method: str, _path: str, headers: Mapping[str, str], body: bytes, _query: Any
    ) -> Message:
        """Sign in by name and password, or as a demo user; start a session."""
        form = _form(body)
        sent, expected = form.get("form_token", ""), _cookies(headers).get(FORM, "")
        if not _is_loopback(headers) or not expected or not secrets.compare_digest(sent, expected):
            return _rejected("This form is of another page or too old; start to sign in again.")
        request = {name: form.get(name, "") for name in _FIELDS}
        pool, details, _ = self._cognito._find_pool_by_client_id(request["client_id"])
        if demo_user := form.get("demo_user"):
            user = self._cognito._resolve_user(details, demo_user)[0] or {}
            form |= {"username": demo_user, "password": user.get("_password", "")}
        session = Session(pool, form.get("username", ""), time.time() + SESSION_SECONDS)
        _, error = self._cognito._authenticate_hosted_ui_user(
            details, session.user, form.get("password", "")
        )
        if error:
            return self._page(request, wrong=True)
        status, answered, content = self._issue_code(session, request)
        if "code=" in answered.get("Location", ""):
            token = secrets.token_urlsafe(32)
            self._sessions[token] = session
            answered = {**answered, "Set-Cookie": _cookie(SESSION, token, "Lax")}
        return status, answered, content

    def log_out(
        self, method: str, path: str, headers: Mapping[str, str], query: Mapping[str, Any]
    ) -> Message:
        """End the browser's session, and return to a registered page."""
        status, answered, content = self._log_out(method, path, headers, query)
        if status == 302:
            self._sessions.pop(_cookies(headers).get(SESSION, ""), None)
            ended = f"{_cookie(SESSION, '', 'Lax')}; Max-Age=0"
            answered = {**answered, "Set-Cookie": ended}
        return status, answered, content

    def _issue_code(self, session: Session, request: Mapping[str, str]) -> Message:
        response: Message = self._cognito._issue_auth_code_redirect(
            request["client_id"],
            session.pool,
            request["redirect_uri"],
            request["scope"],
            session.user,
            request["nonce"],
            request["code_challenge"],
            request["code_challenge_method"],
            request["state"],
        )
        return response

    def _session(self, headers: Mapping[str, str]) -> Session | None:
        session = self._sessions.get(_cookies(headers).get(SESSION, ""))
        return session if session and session.ends > time.time() else None

    def _page(self, request: Mapping[str, str], wrong: bool = False) -> Message:
        token = secrets.token_urlsafe(32)
        _, details, _ = self._cognito._find_pool_by_client_id(request["client_id"])
        users = {name: user.get("_groups", []) for name, user in details["_users"].items()}
        content = sign_in_page({**request, "form_token": token}, users, wrong)
        headers = {**_HEADERS, "Set-Cookie": _cookie(FORM, token, "Strict")}
        return 200, headers, content.encode()


def _form(body: bytes) -> dict[str, str]:
    return {name: texts[0] for name, texts in parse_qs(body.decode("utf-8", "replace")).items()}


def _cookie(name: str, text: str, same_site: str) -> str:
    return f"{name}={text}; Path=/; HttpOnly; SameSite={same_site}"


def _cookies(headers: Mapping[str, str]) -> dict[str, str]:
    parsed = SimpleCookie(_header(headers, "cookie"))
    return {name: morsel.value for name, morsel in parsed.items()}


def _is_loopback(headers: Mapping[str, str]) -> bool:
    # Another name may be a website's own, which resolves to this machine (DNS rebinding).
    return urlsplit(f"//{_header(headers, 'host')}").hostname in LOOPBACK_NAMES


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((text for sent, text in headers.items() if sent.lower() == name), "")


def _first(query: Mapping[str, Any], name: str) -> str:
    value = query.get(name, "")
    return str(value[0] if isinstance(value, list) else value)


def _rejected(reason: str) -> Message:
    return 400, {"Content-Type": "text/plain; charset=utf-8"}, reason.encode()

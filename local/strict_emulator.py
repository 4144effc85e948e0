"""The AWS emulator with two rules of Cognito that it lacks: who may sign up, who may write what.

Run by the emulator's own Python in the place of `python -m ministack`. The rules themselves come
from the deployed pool and client, so a template that forgets them is found out on the laptop.
"""

from collections.abc import Callable
from typing import Any

from ministack.app import main  # type: ignore[import-not-found]
from ministack.services import cognito  # type: ignore[import-not-found]

Call = Callable[[dict[str, Any]], Any]


def closed_to_strangers(sign_up: Call) -> Call:
    """Return SignUp as AWS has it: refused where administrators alone make users."""

    def strict(request: dict[str, Any]) -> Any:
        for pool in cognito._user_pools.values():
            if request.get("ClientId") in pool["_clients"] and _administrators_only(pool):
                return _refused("SignUp is not permitted for this user pool")
        return sign_up(request)

    return strict


def within_writable(update_attributes: Call) -> Call:
    """Return UpdateUserAttributes as AWS has it: a client writes what it lists as writable."""

    def strict(request: dict[str, Any]) -> Any:
        client = _client_of(request.get("AccessToken", ""))
        query = {attribute.get("Name", "") for attribute in request.get("UserAttributes", [])}
        if not query <= _writable(client, query):
            return _refused("A client attempted to write unauthorized attribute")
        return update_attributes(request)

    return strict


def _administrators_only(pool: dict[str, Any]) -> bool:
    return bool(pool.get("AdminCreateUserConfig", {}).get("AllowAdminCreateUserOnly"))


def _client_of(token: str) -> dict[str, Any]:
    claims = cognito._token_claims(token)
    pool = cognito._user_pools.get(str(claims.get("iss", "")).rpartition("/")[2]) or {}
    client: dict[str, Any] = pool.get("_clients", {}).get(claims.get("client_id"), {})
    return client


def _writable(client: dict[str, Any], asked: set[str]) -> set[str]:
    # A client that lists nothing writes every standard attribute, and no custom one.
    standard = {name for name in asked if not name.startswith("custom:")}
    return set(client.get("WriteAttributes") or standard)


def _refused(message: str) -> Any:
    return cognito.error_response_json("NotAuthorizedException", message, 400)


if __name__ == "__main__":
    cognito._sign_up = closed_to_strangers(cognito._sign_up)
    cognito._update_user_attributes = within_writable(cognito._update_user_attributes)
    main()

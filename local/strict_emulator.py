"""The AWS emulator, with behaviour of AWS that it lacks.

The emulator's own Python runs this instead of `python -m ministack`.

- Cognito rejects sign-up and the writing of attributes where the deployed pool and client do not
  allow them, so a template that forgets these restrictions fails on the laptop, too.
- An imported API has the binary media types of its definition; `*/*` includes messages without a
  media type.
- An imported mock integration returns the response of its definition, which is empty where it has
  no template.
- The hosted sign-in is in hosted_sign_in.py.

It also starts faster than the plain emulator: libyaml reads the templates, and a function's code is
unpacked only once (unpacked_code.py).
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from ministack import app  # type: ignore[import-not-found]
from ministack.app import main  # type: ignore[import-not-found]
from ministack.core import lambda_runtime  # type: ignore[import-not-found]
from ministack.services import apigateway_v1, cognito  # type: ignore[import-not-found]
from ministack.services.cloudformation import engine  # type: ignore[import-not-found]

Call = Callable[[dict[str, Any]], Any]


def restrict_sign_up(sign_up: Call) -> Call:
    """Return a SignUp that fails where only administrators create users, as in AWS."""

    def strict(request: dict[str, Any]) -> Any:
        for pool in cognito._user_pools.values():
            if request.get("ClientId") in pool["_clients"] and _administrators_only(pool):
                return _not_authorized("SignUp is not permitted for this user pool")
        return sign_up(request)

    return strict


def restrict_attributes(update_attributes: Call) -> Call:
    """Return an UpdateUserAttributes limited to the client's writable attributes, as in AWS."""

    def strict(request: dict[str, Any]) -> Any:
        client = _client_of(request.get("AccessToken", ""))
        names = {attribute.get("Name", "") for attribute in request.get("UserAttributes", [])}
        if not names <= _writable(client, names):
            return _not_authorized("A client attempted to write unauthorized attribute")
        return update_attributes(request)

    return strict


def with_binary_types(import_api: Callable[..., str]) -> Callable[..., str]:
    """Return an import of an API that keeps its definition's binary media types, as in AWS."""

    def strict(definition: dict[str, Any], base: dict[str, Any] | None = None) -> str:
        types = definition.get("x-amazon-apigateway-binary-media-types", [])
        return import_api(definition, {**(base or {}), "binaryMediaTypes": types})

    return strict


def with_any_type(matches: Callable[[str | None, list[str]], bool]) -> Callable[..., bool]:
    """Return a match of media types in which `*/*` includes a missing header, as in AWS.

    There a request without Accept or Content-Type counts as `application/json`.
    """

    def strict(media_type: str | None, binary_types: list[str]) -> bool:
        return matches(media_type or "application/json", binary_types)

    return strict


def with_mock_responses(import_operation: Callable[..., None]) -> Callable[..., None]:
    """Return an import of a method that keeps the responses of a mock integration, as in AWS."""

    def strict(
        api: str, resource: str, method: str, operation: dict[str, Any] | None, *more: Any
    ) -> None:
        import_operation(api, resource, method, operation, *more)
        definition = (operation or {}).get("x-amazon-apigateway-integration", {})
        if definition.get("type") == "mock":
            names = ("requestTemplates", "passthroughBehavior", "contentHandling")
            stored = {name: definition[name] for name in names if name in definition}
            place = (api, resource, method)
            apigateway_v1._put_integration(*place, {"type": "MOCK", **stored})
            for response in definition.get("responses", {}).values():
                status = response["statusCode"]
                apigateway_v1._put_integration_response(*place, status, response)

    return strict


def with_empty_mocks(invoke_mock: Call) -> Call:
    """Return a mock integration whose response is empty without a template, as in AWS."""

    def strict(integration: dict[str, Any]) -> Any:
        status, headers, body = invoke_mock(integration)
        responses = (integration.get("integrationResponses") or {}).values()
        if any(response.get("responseTemplates") for response in responses):
            return status, headers, body
        return status, {n: text for n, text in headers.items() if n != "Content-Type"}, b""

    return strict


def by_libyaml(loader: Any) -> Any:
    """Return a loader of YAML that reads as this one does, and faster where libyaml is there."""
    fast = getattr(yaml, "CSafeLoader", None)
    return type(loader.__name__, (fast,), {**vars(loader)}) if fast else loader


def make_strict() -> None:
    """Replace the emulator's functions by those above."""
    cognito._sign_up = restrict_sign_up(cognito._sign_up)
    cognito._update_user_attributes = restrict_attributes(cognito._update_user_attributes)
    apigateway_v1._import_rest_api = with_binary_types(apigateway_v1._import_rest_api)
    apigateway_v1._media_type_matches = with_any_type(apigateway_v1._media_type_matches)
    apigateway_v1._import_operation = with_mock_responses(apigateway_v1._import_operation)
    apigateway_v1._invoke_mock_v1 = with_empty_mocks(apigateway_v1._invoke_mock_v1)
    engine.CfnLoader = by_libyaml(engine.CfnLoader)
    # At the end of the path: modules in the project's folders have the names of libraries.
    sys.path.append(str(Path(__file__).parents[1]))
    from local.hosted_sign_in import HostedSignIn
    from local.unpacked_code import unpack_once

    unpack_once(lambda_runtime)
    HostedSignIn(app, cognito).install()


def _administrators_only(pool: dict[str, Any]) -> bool:
    return bool(pool.get("AdminCreateUserConfig", {}).get("AllowAdminCreateUserOnly"))


def _client_of(token: str) -> dict[str, Any]:
    claims = cognito._token_claims(token)
    pool = cognito._user_pools.get(str(claims.get("iss", "")).rpartition("/")[2]) or {}
    client: dict[str, Any] = pool.get("_clients", {}).get(claims.get("client_id"), {})
    return client


def _writable(client: dict[str, Any], names: set[str]) -> set[str]:
    # A client without a list may write every standard attribute, and no custom attribute.
    standard = {name for name in names if not name.startswith("custom:")}
    return set(client.get("WriteAttributes") or standard)


def _not_authorized(message: str) -> Any:
    return cognito.error_response_json("NotAuthorizedException", message, 400)


if __name__ == "__main__":
    make_strict()
    main()

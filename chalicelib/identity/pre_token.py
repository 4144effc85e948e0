"""The merchant and the scopes of an access token.

Cognito calls this before it signs a token (trigger "pre token generation", event V3_0). Only this
puts a merchant into a token, so if it fails, Cognito issues none.
"""

from collections.abc import Callable
from typing import Any

from chalicelib.ledger.errors import UnavailableError

MACHINE_SIGN_IN = "TokenGeneration_ClientCredentials"
SERVICE = "livro-caixa/"
SCOPES_OF_GROUP = {
    "viewer": frozenset({"livro-caixa/read"}),
    "operator": frozenset({"livro-caixa/read", "livro-caixa/write"}),
    "accountant": frozenset({"livro-caixa/read", "livro-caixa/write", "livro-caixa/close"}),
}


class MerchantLookupError(UnavailableError):
    """The table of machine clients is unreachable, so Cognito issues no token; try again."""


def add_claims(event: dict[str, Any]) -> dict[str, Any]:
    """Return Cognito's event with the merchant and the scopes of the token.

    Raises MerchantLookupError, whose message Cognito returns to the client.
    """
    return with_claims(event, merchant_of_machine)


def with_claims(
    event: dict[str, Any], merchant_of_client: Callable[[str], str | None]
) -> dict[str, Any]:
    """Return the event with its response; `merchant_of_client` is called only for machine clients.

    Cognito developer guide, "Pre token generation Lambda trigger".
    """
    if event["triggerSource"] == MACHINE_SIGN_IN:
        claims = _merchant_claim(merchant_of_client(event["callerContext"]["clientId"]))
    else:
        claims = _claims_of_person(event["request"])
    response = {"claimsAndScopeOverrideDetails": {"accessTokenGeneration": claims}}
    return {**event, "response": response}


def merchant_of_machine(client_id: str) -> str | None:
    """Return the merchant that is assigned to a machine client, or None.

    The read is consistent, so that a removed assignment applies to the next token.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    from chalicelib.runtime import clients, settings

    try:
        result = clients.aws("dynamodb").get_item(
            TableName=settings.current().clients_table,
            Key={"client_id": {"S": client_id}},
            ConsistentRead=True,
        )
    except (BotoCoreError, ClientError) as error:
        raise MerchantLookupError(
            "The merchant of this client cannot be looked up now; try again in a moment."
        ) from error
    merchant: str | None = result.get("Item", {}).get("merchant_id", {}).get("S")
    return merchant


def _claims_of_person(request: dict[str, Any]) -> dict[str, Any]:
    # Any other trigger source is a person; an unknown one has no group, and so no scope.
    attributes = request.get("userAttributes") or {}
    groups = (request.get("groupConfiguration") or {}).get("groupsToOverride") or []
    requested = {scope for scope in request.get("scopes") or [] if scope.startswith(SERVICE)}
    granted = frozenset[str]().union(*(SCOPES_OF_GROUP.get(group, ()) for group in groups))
    return {
        **_merchant_claim(attributes.get("custom:merchant_id")),
        "scopesToAdd": sorted(granted - requested),
        "scopesToSuppress": sorted(requested - granted),
    }


def _merchant_claim(merchant: str | None) -> dict[str, Any]:
    return {"claimsToAddOrOverride": {"merchant_id": merchant}} if merchant else {}

"""What an access token says: for which merchant it speaks, and with which scopes.

Cognito calls this before it signs a token (trigger "pre token generation", event V3_0). It is the
only place where a merchant gets into a token, so where it fails no token is made at all.
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
    """The table that maps machine clients to merchants does not answer; no token is made."""


def answer(event: dict[str, Any]) -> dict[str, Any]:
    """Return Cognito's event with the merchant and the scopes of the token to be signed.

    Raises MerchantLookupError when the table of machine clients is out of reach. Cognito shows the
    sentence to whoever asked and issues nothing.
    """
    return with_rights(event, merchant_of_machine)


def with_rights(
    event: dict[str, Any], merchant_of_client: Callable[[str], str | None]
) -> dict[str, Any]:
    """Return the event with its response; `merchant_of_client` is asked for machines alone.

    The shape is AWS's: Cognito developer guide, "Pre token generation Lambda trigger".
    """
    if event["triggerSource"] == MACHINE_SIGN_IN:
        rights = _merchant_claim(merchant_of_client(event["callerContext"]["clientId"]))
    else:
        rights = _rights_of_person(event["request"])
    response = {"claimsAndScopeOverrideDetails": {"accessTokenGeneration": rights}}
    return {**event, "response": response}


def merchant_of_machine(client_id: str) -> str | None:
    """Return the merchant that a machine client works for, or None where none was assigned.

    Read consistently, so that a withdrawn assignment holds from the next token on.
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
            "The merchant of this client cannot be looked up now; ask again in a moment."
        ) from error
    merchant: str | None = result.get("Item", {}).get("merchant_id", {}).get("S")
    return merchant


def _rights_of_person(request: dict[str, Any]) -> dict[str, Any]:
    # Every source but the machines' is a person: an unknown one has no group and so no scope.
    attributes = request.get("userAttributes") or {}
    groups = (request.get("groupConfiguration") or {}).get("groupsToOverride") or []
    query = {scope for scope in request.get("scopes") or [] if scope.startswith(SERVICE)}
    granted = frozenset[str]().union(*(SCOPES_OF_GROUP.get(group, ()) for group in groups))
    return {
        **_merchant_claim(attributes.get("custom:merchant_id")),
        "scopesToAdd": sorted(granted - query),
        "scopesToSuppress": sorted(query - granted),
    }


def _merchant_claim(merchant: str | None) -> dict[str, Any]:
    return {"claimsToAddOrOverride": {"merchant_id": merchant}} if merchant else {}

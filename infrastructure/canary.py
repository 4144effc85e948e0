"""What the canary reads: its row in the table of machine clients, and its client's secret.

The row has its merchant and the addresses that it calls, because the API is created after its
functions, so no environment variable of a function can hold them. The secret is copied to Systems
Manager, because Cognito has no right to read the secret of one client only
(DescribeUserPoolClient: the narrowest resource is the pool).
"""

from collections.abc import Mapping
from typing import Any

from infrastructure.functions import APPLICATION

MERCHANT = "livro-caixa-canary"


def secret_name(stage: str) -> str:
    """Return the name of the parameter with the secret; the canary's policy names it, too."""
    return f"/{APPLICATION}/{stage}/canary"


def register(dynamodb: Any, table: str, client_id: str, addresses: Mapping[str, str]) -> bool:
    """Write the canary's item unless an equal one is stored; return whether it was written.

    `addresses` are `base_url` of the API and `token_url` of the user pool.
    """
    fields = {"client_id": client_id, "merchant_id": MERCHANT, **addresses}
    item = {name: {"S": text} for name, text in fields.items()}
    stored = dynamodb.get_item(TableName=table, Key={"client_id": item["client_id"]})
    if stored.get("Item") == item:
        return False
    dynamodb.put_item(TableName=table, Item=item)
    return True


def store_secret(ssm: Any, cognito: Any, outputs: Mapping[str, str], stage: str) -> bool:
    """Copy the client's secret to an encrypted parameter; return whether it was written.

    `outputs` are the foundation's. CloudFormation cannot do this: it makes no SecureString.
    """
    client = cognito.describe_user_pool_client(
        UserPoolId=outputs["UserPoolId"], ClientId=outputs["CanaryClientId"]
    )["UserPoolClient"]
    name, secret = secret_name(stage), str(client["ClientSecret"])
    if _stored(ssm, name) == secret:
        return False
    ssm.put_parameter(Name=name, Value=secret, Type="SecureString", Overwrite=True)
    return True


def remove_secret(ssm: Any, stage: str) -> bool:
    """Delete the parameter; return whether there was one."""
    try:
        ssm.delete_parameter(Name=secret_name(stage))
    except ssm.exceptions.ParameterNotFound:
        return False
    return True


def _stored(ssm: Any, name: str) -> str | None:
    try:
        parameter = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]
    except ssm.exceptions.ParameterNotFound:
        return None
    return str(parameter["Value"]) if parameter["Type"] == "SecureString" else None

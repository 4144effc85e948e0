"""The foundation's template: users, tables, queue, key and bucket."""

from typing import Any

import pytest

from chalicelib.importing.create import KEPT_FOR
from chalicelib.importing.plan import COPIES_KEPT_FOR
from infrastructure.application import FUNCTIONS
from tests.infrastructure import templates
from tests.infrastructure.templates import of_type, the

READ_AND_WRITE = ["livro-caixa/read", "livro-caixa/write"]
# Tokens can be revoked, and no response reveals which users exist.
SAFE_CLIENT = {"PreventUserExistenceErrors": "ENABLED", "EnableTokenRevocation": True}
SAFE_TABLE = {
    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
    "SSESpecification": None,  # encrypted by a key of DynamoDB; `SSEEnabled: true` is one of KMS
    "DeletionProtectionEnabled": {"Fn::If": ["Protected", True, False]},
}
PROPERTIES: dict[str, dict[str, Any]] = {
    "UserPool": {"AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True}},
    "PeopleClient": SAFE_CLIENT
    | {
        "AllowedOAuthFlows": ["code"],
        "GenerateSecret": False,
        "CallbackURLs": {"Ref": "CallbackUrls"},
        "LogoutURLs": {"Ref": "CallbackUrls"},
        "TokenValidityUnits": {
            "AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "hours"
        },
        "AccessTokenValidity": 60,
        "IdTokenValidity": 60,
        "RefreshTokenValidity": 12,
    },
    "MachineClient": SAFE_CLIENT
    | {
        "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"],  # and no sign-in of users
        "AllowedOAuthFlows": ["client_credentials"],
        "AllowedOAuthScopes": READ_AND_WRITE,
        "GenerateSecret": True,
        "TokenValidityUnits": {"AccessToken": "minutes"},
        "AccessTokenValidity": 60,
    },
    "CanaryClient": {"AllowedOAuthScopes": READ_AND_WRITE},
    "EntriesTable": SAFE_TABLE
    | {
        "KeySchema": [{"AttributeName": "entry_id", "KeyType": "HASH"}],
        "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
    },
    "ClientsTable": SAFE_TABLE,
    "SettingsTable": SAFE_TABLE,
    "ImportsTable": SAFE_TABLE,
    "QuarantineQueue": {"MessageRetentionPeriod": 14 * 24 * 3600, "SqsManagedSseEnabled": True},
    "SigningKey": {
        "KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY", "PendingWindowInDays": 30
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return templates.template("foundation")


@pytest.mark.parametrize("name", PROPERTIES)
def test_resource_has_its_properties(template: dict[str, Any], name: str) -> None:
    properties, expected = template["Resources"][name]["Properties"], PROPERTIES[name]
    assert {key: properties.get(key) for key in expected} == expected


@pytest.mark.parametrize(
    ("parameter", "default"),
    [("PasswordSignIn", "off"), ("Protection", "on"), ("SealRetentionDays", 1830)],
)
def test_default_is_safe(template: dict[str, Any], parameter: str, default: object) -> None:
    assert template["Parameters"][parameter]["Default"] == default


def test_no_client_may_write_the_merchant(template: dict[str, Any]) -> None:
    clients = of_type(template, "AWS::Cognito::UserPoolClient")
    assert clients
    # A client without a list may write every standard attribute.
    assert all(client["WriteAttributes"] == ["name"] for client in clients.values())


def test_administrators_can_change_the_merchant(template: dict[str, Any]) -> None:
    (attribute,) = the(template, "AWS::Cognito::UserPool")["Schema"]
    assert (attribute["Name"], attribute["Mutable"]) == ("merchant_id", True)


def test_people_sign_in_without_sending_passwords(template: dict[str, Any]) -> None:
    people = of_type(template, "AWS::Cognito::UserPoolClient")["PeopleClient"]
    flows = [flow for flow in people["ExplicitAuthFlows"] if isinstance(flow, str)]
    assert flows == ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]


def test_groups_and_scopes_are_the_triggers(template: dict[str, Any]) -> None:
    groups = of_type(template, "AWS::Cognito::UserPoolGroup").values()
    assert {group["GroupName"] for group in groups} == {"viewer", "operator", "accountant"}
    server = the(template, "AWS::Cognito::UserPoolResourceServer")
    scopes = {f"{server['Identifier']}/{scope['ScopeName']}" for scope in server["Scopes"]}
    assert scopes == {"livro-caixa/read", "livro-caixa/write", "livro-caixa/close"}


def test_pool_names_the_deployed_trigger(template: dict[str, Any]) -> None:
    trigger = the(template, "AWS::Cognito::UserPool")["LambdaConfig"]["PreTokenGenerationConfig"]
    name = f":function:livro-caixa-${{Stage}}{FUNCTIONS['PreToken']}"
    assert trigger["LambdaArn"]["Fn::Sub"].endswith(name)
    assert trigger["LambdaVersion"] == "V3_0"


def test_entries_are_indexed_by_day(template: dict[str, Any]) -> None:
    table = of_type(template, "AWS::DynamoDB::Table")["EntriesTable"]
    (index,) = table["GlobalSecondaryIndexes"]
    assert index["IndexName"] == "by-merchant-day"
    assert [key["AttributeName"] for key in index["KeySchema"]] == ["merchant_shard", "day_entry"]


@pytest.mark.parametrize(
    "policy", ["QuarantineOverTlsAlone", "SealsOverTlsAlone", "ImportsOverTlsAlone"]
)
def test_requests_without_tls_are_denied(template: dict[str, Any], policy: str) -> None:
    properties = template["Resources"][policy]["Properties"]
    statement, *_ = properties["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Principal"]) == ("Deny", "*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_outputs_have_no_secret(template: dict[str, Any]) -> None:
    assert "Secret" not in str(template["Outputs"])


def test_sealed_closings_cannot_be_deleted(template: dict[str, Any]) -> None:
    bucket = template["Resources"]["SealBucket"]["Properties"]
    condition, lock, _ = bucket["ObjectLockConfiguration"]["Fn::If"]
    assert (condition, bucket["ObjectLockEnabled"]) == ("OnAws", True)
    assert lock["Rule"]["DefaultRetention"] == {
        "Mode": {"Ref": "SealRetentionMode"},
        "Days": {"Ref": "SealRetentionDays"},
    }
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert template["Resources"]["SealBucket"]["DeletionPolicy"] == "RetainExceptOnCreate"
    assert "BucketName" not in bucket  # a fixed name would prevent creating the stage again


def test_bank_files_expire_and_are_not_retained(template: dict[str, Any]) -> None:
    bucket = template["Resources"]["ImportBucket"]["Properties"]
    rules = bucket["LifecycleConfiguration"]["Rules"]
    assert [(rule["Status"], rule["Prefix"], rule["ExpirationInDays"]) for rule in rules] == [
        ("Enabled", "previews/", 30),
        ("Enabled", "recording/", 90),
    ]
    assert (KEPT_FOR.days, COPIES_KEPT_FOR.days) == (30, 90)
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert not bucket.keys() & {"ObjectLockEnabled", "VersioningConfiguration", "BucketName"}


def test_a_sealed_object_gets_one_version(template: dict[str, Any]) -> None:
    policy = template["Resources"]["SealsOverTlsAlone"]["Properties"]
    statements = policy["PolicyDocument"]["Statement"]
    objects = {"Effect": "Deny", "Principal": "*", "Resource": {"Fn::Sub": "${SealBucket.Arn}/*"}}
    unconditional = {"Null": {"s3:if-none-match": "true"}}
    assert objects | {"Action": "s3:PutObject", "Condition": unconditional} in statements
    others = ["s3:DeleteObject", "s3:ReplicateDelete", "s3:ReplicateObject"]
    assert objects | {"Action": others} in statements

"""The foundation's template: users, tables, queue, key and bucket."""

from typing import Any

import pytest
from cfnlint.api import lint_file

from infrastructure.application import FUNCTIONS
from tests.infrastructure import templates
from tests.infrastructure.templates import of_type, the

MERCHANT = "custom:merchant_id"


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return templates.template("foundation")


def test_template_is_valid() -> None:
    assert lint_file(templates.FOLDER / "foundation.yaml") == []


def test_only_administrators_create_users(template: dict[str, Any]) -> None:
    pool = the(template, "AWS::Cognito::UserPool")
    assert pool["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}


def test_no_client_may_write_the_merchant(template: dict[str, Any]) -> None:
    clients = of_type(template, "AWS::Cognito::UserPoolClient")
    assert clients
    # A client without a list may write every standard attribute.
    assert all(client["WriteAttributes"] == ["name"] for client in clients.values())


def test_administrators_can_change_the_merchant(template: dict[str, Any]) -> None:
    (attribute,) = the(template, "AWS::Cognito::UserPool")["Schema"]
    assert (f"custom:{attribute['Name']}", attribute["Mutable"]) == (MERCHANT, True)


def test_machine_client_has_no_user_sign_in(template: dict[str, Any]) -> None:
    machine = of_type(template, "AWS::Cognito::UserPoolClient")["MachineClient"]
    assert machine["ExplicitAuthFlows"] == ["ALLOW_REFRESH_TOKEN_AUTH"]
    assert machine["AllowedOAuthFlows"] == ["client_credentials"]
    assert machine["GenerateSecret"] is True


def test_password_sign_in_is_off_by_default(template: dict[str, Any]) -> None:
    people = of_type(template, "AWS::Cognito::UserPoolClient")["PeopleClient"]
    assert people["AllowedOAuthFlows"] == ["code"]
    flows = [flow for flow in people["ExplicitAuthFlows"] if isinstance(flow, str)]
    assert flows == ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    assert template["Parameters"]["PasswordSignIn"]["Default"] == "off"


@pytest.mark.parametrize("client", ["PeopleClient", "MachineClient"])
def test_clients_hide_users_and_revoke_tokens(template: dict[str, Any], client: str) -> None:
    result = of_type(template, "AWS::Cognito::UserPoolClient")[client]
    assert result["PreventUserExistenceErrors"] == "ENABLED"
    assert result["EnableTokenRevocation"] is True


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


def test_entries_table_has_the_written_keys(template: dict[str, Any]) -> None:
    table = of_type(template, "AWS::DynamoDB::Table")["EntriesTable"]
    (index,) = table["GlobalSecondaryIndexes"]
    assert table["KeySchema"] == [{"AttributeName": "entry_id", "KeyType": "HASH"}]
    assert index["IndexName"] == "by-merchant-day"
    assert [key["AttributeName"] for key in index["KeySchema"]] == ["merchant_shard", "day_entry"]
    assert table["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}


@pytest.mark.parametrize("table", ["EntriesTable", "ClientsTable"])
def test_tables_are_encrypted_restorable_and_protected(
    template: dict[str, Any], table: str
) -> None:
    result = of_type(template, "AWS::DynamoDB::Table")[table]
    assert result["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert result["SSESpecification"] == {"SSEEnabled": True}
    assert result["DeletionProtectionEnabled"] == {"Fn::If": ["Protected", True, False]}
    assert template["Parameters"]["Protection"]["Default"] == "on"


def test_dead_letters_have_the_longest_retention(template: dict[str, Any]) -> None:
    queue = the(template, "AWS::SQS::Queue")
    assert queue["MessageRetentionPeriod"] == 14 * 24 * 3600
    assert queue["SqsManagedSseEnabled"] is True


@pytest.mark.parametrize("policy", ["AWS::SQS::QueuePolicy", "AWS::S3::BucketPolicy"])
def test_requests_without_tls_are_denied(template: dict[str, Any], policy: str) -> None:
    (statement,) = the(template, policy)["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Principal"]) == ("Deny", "*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_access_tokens_last_an_hour(template: dict[str, Any]) -> None:
    clients = of_type(template, "AWS::Cognito::UserPoolClient")
    people, machine = clients["PeopleClient"], clients["MachineClient"]
    units = {"AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "hours"}
    assert people["TokenValidityUnits"] == units
    assert (people["AccessTokenValidity"], people["IdTokenValidity"]) == (60, 60)
    assert people["RefreshTokenValidity"] == 12
    assert machine["TokenValidityUnits"] == {"AccessToken": "minutes"}
    assert machine["AccessTokenValidity"] == 60


@pytest.mark.parametrize("client", ["MachineClient", "CanaryClient"])
def test_machines_cannot_close(template: dict[str, Any], client: str) -> None:
    result = of_type(template, "AWS::Cognito::UserPoolClient")[client]
    assert result["AllowedOAuthScopes"] == ["livro-caixa/read", "livro-caixa/write"]


def test_outputs_have_no_secret(template: dict[str, Any]) -> None:
    assert "Secret" not in str(template["Outputs"])


def test_resources_only_on_aws_are_listed(template: dict[str, Any]) -> None:
    assert templates.only_on_aws(template) == {"QuarantineOverTlsAlone", "SealsOverTlsAlone"}


def test_closings_are_signed_by_an_asymmetric_key(template: dict[str, Any]) -> None:
    key = the(template, "AWS::KMS::Key")
    assert (key["KeySpec"], key["KeyUsage"]) == ("ECC_NIST_P256", "SIGN_VERIFY")
    assert key["PendingWindowInDays"] == 30


def test_sealed_closings_cannot_be_deleted(template: dict[str, Any]) -> None:
    bucket = the(template, "AWS::S3::Bucket")
    condition, lock, _ = bucket["ObjectLockConfiguration"]["Fn::If"]
    assert (condition, bucket["ObjectLockEnabled"]) == ("OnAws", True)
    assert lock["Rule"]["DefaultRetention"] == {
        "Mode": {"Ref": "SealRetentionMode"},
        "Days": {"Ref": "SealRetentionDays"},
    }
    assert template["Parameters"]["SealRetentionDays"]["Default"] == 1830
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert template["Resources"]["SealBucket"]["DeletionPolicy"] == "Retain"
    assert "BucketName" not in bucket  # a fixed name would prevent creating the stage again

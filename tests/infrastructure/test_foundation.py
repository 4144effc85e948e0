"""The foundation's template, read as CloudFormation reads it."""

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


def test_cfn_lint_finds_nothing() -> None:
    assert lint_file(templates.FOLDER / "foundation.yaml") == []


def test_only_administrators_make_users(template: dict[str, Any]) -> None:
    pool = the(template, "AWS::Cognito::UserPool")
    assert pool["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}


def test_no_client_may_write_the_merchant(template: dict[str, Any]) -> None:
    result = of_type(template, "AWS::Cognito::UserPoolClient")
    assert result
    # A client that lists nothing may write every standard attribute, so each has to list.
    assert all(client["WriteAttributes"] == ["name"] for client in result.values())


def test_the_merchant_is_an_attribute_that_administrators_can_change(
    template: dict[str, Any],
) -> None:
    (attribute,) = the(template, "AWS::Cognito::UserPool")["Schema"]
    assert (f"custom:{attribute['Name']}", attribute["Mutable"]) == (MERCHANT, True)


def test_only_the_people_client_lets_people_sign_in(template: dict[str, Any]) -> None:
    machine = of_type(template, "AWS::Cognito::UserPoolClient")["MachineClient"]
    assert machine["ExplicitAuthFlows"] == ["ALLOW_REFRESH_TOKEN_AUTH"]
    assert machine["AllowedOAuthFlows"] == ["client_credentials"]
    assert machine["GenerateSecret"] is True


def test_passwords_in_plain_calls_are_for_laptops(template: dict[str, Any]) -> None:
    people = of_type(template, "AWS::Cognito::UserPoolClient")["PeopleClient"]
    assert people["AllowedOAuthFlows"] == ["code"]
    flows = [flow for flow in people["ExplicitAuthFlows"] if isinstance(flow, str)]
    assert flows == ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    assert template["Parameters"]["PasswordSignIn"]["Default"] == "off"


@pytest.mark.parametrize("client", ["PeopleClient", "MachineClient"])
def test_clients_say_nothing_about_who_exists_and_tokens_can_be_revoked(
    template: dict[str, Any], client: str
) -> None:
    result = of_type(template, "AWS::Cognito::UserPoolClient")[client]
    assert result["PreventUserExistenceErrors"] == "ENABLED"
    assert result["EnableTokenRevocation"] is True


def test_groups_and_scopes_are_those_that_the_token_trigger_knows(template: dict[str, Any]) -> None:
    groups = of_type(template, "AWS::Cognito::UserPoolGroup").values()
    assert {group["GroupName"] for group in groups} == {"viewer", "operator", "accountant"}
    server = the(template, "AWS::Cognito::UserPoolResourceServer")
    scopes = {f"{server['Identifier']}/{scope['ScopeName']}" for scope in server["Scopes"]}
    assert scopes == {"livro-caixa/read", "livro-caixa/write", "livro-caixa/close"}


def test_the_pool_names_the_trigger_that_the_application_deploys(template: dict[str, Any]) -> None:
    trigger = the(template, "AWS::Cognito::UserPool")["LambdaConfig"]["PreTokenGenerationConfig"]
    name = f":function:livro-caixa-${{Stage}}{FUNCTIONS['PreToken']}"
    assert trigger["LambdaArn"]["Fn::Sub"].endswith(name)
    assert trigger["LambdaVersion"] == "V3_0"


def test_the_entries_table_is_the_one_that_entries_are_written_for(
    template: dict[str, Any],
) -> None:
    table = of_type(template, "AWS::DynamoDB::Table")["EntriesTable"]
    (index,) = table["GlobalSecondaryIndexes"]
    assert table["KeySchema"] == [{"AttributeName": "entry_id", "KeyType": "HASH"}]
    assert index["IndexName"] == "by-merchant-day"
    assert [key["AttributeName"] for key in index["KeySchema"]] == ["merchant_shard", "day_entry"]
    assert table["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}


@pytest.mark.parametrize("table", ["EntriesTable", "ClientsTable"])
def test_tables_are_encrypted_restorable_and_guarded(template: dict[str, Any], table: str) -> None:
    result = of_type(template, "AWS::DynamoDB::Table")[table]
    assert result["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert result["SSESpecification"] == {"SSEEnabled": True}
    assert result["DeletionProtectionEnabled"] == {"Fn::If": ["Protected", True, False]}
    assert template["Parameters"]["Protection"]["Default"] == "on"


def test_quarantined_records_are_kept_as_long_as_sqs_can(template: dict[str, Any]) -> None:
    queue = the(template, "AWS::SQS::Queue")
    assert queue["MessageRetentionPeriod"] == 14 * 24 * 3600
    assert queue["SqsManagedSseEnabled"] is True


@pytest.mark.parametrize("policy", ["AWS::SQS::QueuePolicy", "AWS::S3::BucketPolicy"])
def test_what_does_not_come_over_tls_is_refused(template: dict[str, Any], policy: str) -> None:
    (statement,) = the(template, policy)["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Principal"]) == ("Deny", "*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_tokens_of_people_and_machines_last_an_hour(template: dict[str, Any]) -> None:
    clients = of_type(template, "AWS::Cognito::UserPoolClient")
    people, machine = clients["PeopleClient"], clients["MachineClient"]
    hours = {"AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "hours"}
    assert people["TokenValidityUnits"] == hours
    assert (people["AccessTokenValidity"], people["IdTokenValidity"]) == (60, 60)
    assert people["RefreshTokenValidity"] == 12
    assert machine["TokenValidityUnits"] == {"AccessToken": "minutes"}
    assert machine["AccessTokenValidity"] == 60


@pytest.mark.parametrize("client", ["MachineClient", "CanaryClient"])
def test_machines_read_and_write_and_do_not_close(template: dict[str, Any], client: str) -> None:
    result = of_type(template, "AWS::Cognito::UserPoolClient")[client]
    assert result["AllowedOAuthScopes"] == ["livro-caixa/read", "livro-caixa/write"]


def test_no_secret_leaves_by_the_outputs(template: dict[str, Any]) -> None:
    assert "Secret" not in str(template["Outputs"])


def test_what_the_emulator_cannot_make_is_known(template: dict[str, Any]) -> None:
    assert templates.only_on_aws(template) == {"QuarantineOverTlsAlone", "SealsOverTlsAlone"}


def test_closings_are_signed_by_a_key_whose_public_half_anybody_can_use(
    template: dict[str, Any],
) -> None:
    key = the(template, "AWS::KMS::Key")
    assert (key["KeySpec"], key["KeyUsage"]) == ("ECC_NIST_P256", "SIGN_VERIFY")
    assert key["PendingWindowInDays"] == 30


def test_a_sealed_closing_is_out_of_everybodys_reach(template: dict[str, Any]) -> None:
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
    assert "BucketName" not in bucket  # the stage could not come back beside what was retained

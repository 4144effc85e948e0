"""Sign-in tokens, held against the ones that AWS's own library makes."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.runtime.iam_tokens import CacheCredentials, Signer

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def signer(monkeypatch: pytest.MonkeyPatch) -> Signer:
    """Signs as a function does: with temporary credentials, at a fixed moment."""
    import botocore.auth
    from botocore.credentials import Credentials

    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda: AT.replace(tzinfo=None))
    return Signer(Credentials("AKIDEXAMPLE", "secret", "session token"), "sa-east-1")


def test_a_database_token_is_the_one_that_aws_makes(signer: Signer) -> None:
    import botocore.session

    credentials = signer.credentials
    client: Any = botocore.session.get_session().create_client(
        "rds",
        region_name=signer.region,
        aws_access_key_id=credentials.access_key,
        aws_secret_access_key=credentials.secret_key,
        aws_session_token=credentials.token,
    )
    theirs = client.generate_db_auth_token("db.example", 5432, "livro_reader")
    assert signer.database_token("db.example", 5432, "livro_reader") == theirs


def test_a_cache_token_is_signed_for_the_group_and_the_user(signer: Signer) -> None:
    token = signer.cache_token("livro-caixa-production", "livro")
    url = urlsplit(f"https://{token}")
    request = {name: value for name, (value,) in parse_qs(url.query).items()}
    assert (url.netloc, url.path) == ("livro-caixa-production", "/")
    assert (request["Action"], request["User"], request["X-Amz-Expires"]) == (
        "connect",
        "livro",
        "900",
    )
    assert request["X-Amz-Credential"].endswith("/20261123/sa-east-1/elasticache/aws4_request")
    assert request["X-Amz-Security-Token"] == "session token"
    assert len(request["X-Amz-Signature"]) == 64


def test_each_new_connection_to_the_cache_gets_a_fresh_token(
    signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    import botocore.auth

    credentials = CacheCredentials(signer, "livro-caixa-production", "livro")
    user, before = credentials.get_credentials()
    later = AT.replace(hour=13, tzinfo=None)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda: later)
    assert user == "livro"
    assert credentials.get_credentials()[1] != before

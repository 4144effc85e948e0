"""IAM authentication tokens, compared with those of AWS's own library."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.runtime.iam_tokens import RedisCredentials, Signer

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def signer(monkeypatch: pytest.MonkeyPatch) -> Signer:
    """A signer with temporary credentials, as in a function, at a fixed moment."""
    import botocore.auth
    from botocore.credentials import Credentials

    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda: AT.replace(tzinfo=None))
    return Signer(Credentials("AKIDEXAMPLE", "secret", "session token"), "sa-east-1")


def test_database_token_equals_awss(signer: Signer) -> None:
    import botocore.session

    credentials = signer.credentials
    client: Any = botocore.session.get_session().create_client(
        "rds",
        region_name=signer.region,
        aws_access_key_id=credentials.access_key,
        aws_secret_access_key=credentials.secret_key,
        aws_session_token=credentials.token,
    )
    expected = client.generate_db_auth_token("db.example", 5432, "livro_reader")
    assert signer.database_token("db.example", 5432, "livro_reader") == expected


def test_redis_token_names_group_and_user(signer: Signer) -> None:
    token = signer.redis_token("livro-caixa-production", "livro")
    url = urlsplit(f"https://{token}")
    params = {name: value for name, (value,) in parse_qs(url.query).items()}
    assert (url.netloc, url.path) == ("livro-caixa-production", "/")
    assert (params["Action"], params["User"]) == ("connect", "livro")
    assert params["X-Amz-Expires"] == "900"
    assert params["X-Amz-Credential"].endswith("/20261123/sa-east-1/elasticache/aws4_request")
    assert params["X-Amz-Security-Token"] == "session token"
    assert len(params["X-Amz-Signature"]) == 64


def test_each_redis_connection_gets_a_new_token(
    signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    import botocore.auth

    credentials = RedisCredentials(signer, "livro-caixa-production", "livro")
    user, before = credentials.get_credentials()
    later = AT.replace(hour=13, tzinfo=None)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda: later)
    assert user == "livro"
    assert credentials.get_credentials()[1] != before

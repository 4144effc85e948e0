"""Names of services in a network without IPv4: their IPv4 addresses are never tried."""

import socket
from typing import Any

import pytest

from chalicelib.runtime import clients, ipv6_names, wiring
from chalicelib.runtime.ipv6_names import ipv6_only

KMS = "kms.sa-east-1.api.aws"
V4 = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("203.0.113.1", 443))
V6 = (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("2001:db8::1", 443, 0, 0))


class IPv4First:
    """A resolver that puts IPv4 first, as seen in Lambda; nothing routes to those addresses."""

    def __call__(self, host: Any, port: Any, family: int = 0, *_: Any, **__: Any) -> list[Any]:
        return [each for each in (V4, V6) if family in (0, each[0])]


def test_named_host_has_only_ipv6_addresses() -> None:
    resolve = ipv6_only(IPv4First(), [KMS])
    assert resolve(KMS, 443, 0, socket.SOCK_STREAM) == [V6]
    assert resolve(KMS, 443, family=socket.AF_UNSPEC, type=socket.SOCK_STREAM) == [V6]
    assert resolve("database.example", 5432) == [V4, V6]


def test_functions_resolve_the_stages_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", IPv4First())
    monkeypatch.setenv("IPV6_ONLY_HOSTS", f"{KMS},sqs.sa-east-1.amazonaws.com")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "sa-east-1")
    wiring.reset()
    clients.aws("kms")
    clients.aws("sqs")
    assert socket.getaddrinfo(KMS, 443) == [V6]
    assert socket.getaddrinfo("sqs.sa-east-1.amazonaws.com", 443) == [V6]
    assert socket.getaddrinfo("dynamodb.sa-east-1.amazonaws.com", 443) == [V4, V6]
    wiring.reset()


def test_clients_connect_by_ipv6(monkeypatch: pytest.MonkeyPatch) -> None:
    """urllib3 uses the resolver that this replaces, also when it is imported before."""
    import urllib3.util.connection as urllib3_connection

    families: list[int] = []

    def refuse(host: Any, port: Any, family: int = 0, *_: Any, **__: Any) -> list[Any]:
        families.append(family)
        raise socket.gaierror("nowhere")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    ipv6_names.resolve_to_ipv6([KMS])
    with pytest.raises(OSError, match="nowhere"):
        urllib3_connection.create_connection((KMS, 443))
    assert families == [socket.AF_INET6]

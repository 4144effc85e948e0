"""Names that are resolved to IPv6 addresses only, in a network without a way out for IPv4.

A dual-stack name has addresses of both families, and the client tries them in the resolver's order,
each for its connect timeout: with an IPv4 address first, every new connection would lose a second.
"""

import socket
from collections.abc import Callable, Iterable
from typing import Any

Resolve = Callable[..., list[Any]]


def ipv6_only(resolve: Resolve, names: Iterable[str]) -> Resolve:
    """Return `resolve` (socket.getaddrinfo), limited to IPv6 for these names."""
    limited = frozenset(names)

    def resolved(host: Any, port: Any, family: int = 0, *arguments: Any, **more: Any) -> list[Any]:
        if host in limited:
            family = socket.AF_INET6
        return resolve(host, port, family, *arguments, **more)

    return resolved


def resolve_to_ipv6(names: Iterable[str]) -> None:
    """Resolve these names to IPv6 only, in the whole process; call it once."""
    socket.getaddrinfo = ipv6_only(socket.getaddrinfo, names)

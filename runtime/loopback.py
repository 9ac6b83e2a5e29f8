"""Who is on this machine."""

from __future__ import annotations

import ipaddress

from starlette.requests import Request


def is_local(request: Request) -> bool:
    """Whether the caller is a process of this machine, and not one that a proxy here speaks for."""
    forwarded = "x-forwarded-for" in request.headers or "forwarded" in request.headers
    return request.client is not None and is_loopback(request.client.host) and not forwarded


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:  # a name, or every address
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback

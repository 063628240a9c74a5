"""A client for addresses that users type: it connects to the internet, and to private networks only where the operator
allows it.

Each name is looked up once and the connection made to the address that was judged: a name that changes meanwhile, or a
redirect, leads nowhere else.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Sequence
from typing import Any

import httpcore
import httpx

from riverline.crawl.private_addresses import is_local, is_open, is_public

REFUSED = "private_address"


class GuardedBackend(httpcore.SyncBackend):
    """Connects to public addresses, and to private hosts that `opened` names (`RIVERLINE_CRAWL__PRIVATE`)."""

    def __init__(self, opened: Sequence[str]) -> None:
        self._opened = opened

    def connect_tcp(self, host: str, port: int, *rest: Any, **options: Any) -> httpcore.NetworkStream:
        try:
            found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        named = f"[{host}]" if ":" in host else host
        if is_local(named):
            fine = found if is_open(f"http://{named}:{port}", self._opened) else []
        else:
            fine = [address for address in found if is_public(address)]
        if not fine:
            raise httpcore.ConnectError(f"{REFUSED}: {host}")
        return super().connect_tcp(fine[0], port, *rest, **options)


def guarded_client(opened: Iterable[str], **options: Any) -> httpx.Client:
    """With httpx's options of a client."""
    backend = GuardedBackend(tuple(opened))
    transport = httpx.HTTPTransport(trust_env=False)
    # There is no other way to say how it connects.
    transport._pool = httpcore.ConnectionPool(ssl_context=httpx.create_ssl_context(), network_backend=backend)
    return httpx.Client(transport=transport, trust_env=False, **options)

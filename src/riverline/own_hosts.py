"""The host names of an HTTP server. A page whose own name was bound to loopback (DNS rebinding) reaches a server
there and reads its answers, but its browser still says that other name in `Host`."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable
from ipaddress import ip_address
from typing import Any

ANY = "*"
LOOPBACK = "127."
MISDIRECTED = "421 Misdirected Request"

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def is_own(host: str, names: Collection[str] = ()) -> bool:
    """Whether a `Host` is an address, which nobody can bind to another server, `localhost`, or one of the names."""
    if ANY in names:
        return True
    name = host.lower()
    if name.rpartition(":")[2].isdecimal() and not name.endswith("]"):
        name = name.rpartition(":")[0]
    try:
        return bool(ip_address(name.removeprefix("[").removesuffix("]")))
    except ValueError:
        return name == "localhost" or name in names


def names_at(host: str) -> tuple[str, ...]:
    """The names of a server that listens there: on loopback this machine's alone; elsewhere whatever it is called."""
    return () if host == "localhost" or host.startswith(LOOPBACK) else (ANY,)


class OwnHosts:
    """An application of WSGI that answers to its own names; to others with 421, as a problem (RFC 9457)."""

    def __init__(self, application: Application, names: Collection[str] = ()) -> None:
        self._application, self._names = application, frozenset(name.lower() for name in names)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if is_own(environ.get("HTTP_HOST", ""), self._names):
            return self._application(environ, start_response)
        told = {
            "type": "about:blank",
            "title": "Misdirected Request",
            "status": 421,
            "detail": "the header Host names another host (RIVERLINE_API__HOSTS lists the site's names)",
        }
        body = json.dumps(told).encode()
        headers = [("Content-Type", "application/problem+json"), ("Content-Length", str(len(body)))]
        start_response(MISDIRECTED, [*headers, ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")])
        return [body]

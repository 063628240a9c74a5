"""Which hosts are on the internet, and which others may be crawled. Pure: names are not resolved.

What an address in IPv6 carries of IPv4 counts as that address: RFC 4291 (mapped, compatible), 2765 (translated), 3056
(6to4), 4380 (Teredo), 5214 (ISATAP), 6052 (NAT64).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import urlsplit

from riverline.crawl.targets import start_urls
from riverline.model import Target
from riverline.parsing.url import host_of, requested

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

LOCAL_NAMES = ("localhost", "localhost.localdomain")
NEVER = tuple(
    map(
        ipaddress.ip_network,
        (
            *("0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4", "::/128", "fe80::/10", "ff00::/8"),
            # Where clouds tell their machines secrets: Azure, Alibaba, Oracle, AWS; the others' are link-local.
            *("168.63.129.16/32", "100.100.100.200/32", "192.0.0.192/32", "fd00:ec2::/32"),
        ),
    )
)
CARRYING = tuple(map(ipaddress.IPv6Network, ("::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48")))
ISATAP = (b"\0\0\x5e\xfe", b"\2\0\x5e\xfe")  # before the last 32 bits
_ENTRY = re.compile(r"(?P<host>\[[^\]]+\]|[^:/]+)(?:/(?P<bits>[0-9]+))?(?::(?P<port>[0-9]+))?")
PORTS = {"http": 80, "https": 443}


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet, and so is each that it carries. Raises ValueError."""
    return all(one.is_global and not _is_never(one) for one in _carried(_parsed(address)))


def is_never(host: str) -> bool:
    """Whether a host is one that nobody may have crawled: link-local, multicast, or a cloud's for its machines."""
    found = _address(host)
    return found is not None and any(map(_is_never, _carried(found)))


def is_local(host: str) -> bool:
    """Whether a host is, by its name alone, no host of the internet."""
    found = _address(host)
    return found is not None and not is_public(str(found))


def is_loopback(host: str) -> bool:
    found = _address(host)
    return found is not None and found.is_loopback


def origin_of(url: str) -> str:
    """Scheme, host and port as an address is asked for. Raises Invalid (`bad_url`)."""
    return "/".join(requested(url).split("/", 3)[:3])


def named_origins(target: Target) -> frozenset[str]:
    """What a target names outright. Raises Invalid (`bad_url`)."""
    return frozenset(map(origin_of, start_urls(target)))


def closed(target: Target, opened: Iterable[str]) -> str:
    """Why a target may not be crawled: it names a private host that the operator has not opened. Empty if it may.
    Raises Invalid (`bad_url`)."""
    named = [*sorted(named_origins(target)), *([target.proxy] if target.proxy else [])]
    for origin in named:
        if is_local(host_of(origin)) and not is_open(origin, opened):
            return f"{origin.rstrip('/')} is in a private network: RIVERLINE_CRAWL__PRIVATE does not open it"
    return ""


def is_open(origin: str, opened: Iterable[str]) -> bool:
    """Whether one of the operator's entries opens an origin: `10.1.0.0/16`, `localhost`, `[fd00::1]:8080`."""
    parts = urlsplit(origin)
    host, port = host_of(origin), parts.port or PORTS[parts.scheme]
    return not is_never(host) and any(_opens(entry, host, port) for entry in opened)


@lru_cache(1024)
def _opens(entry: str, host: str, port: int) -> bool:
    found = _ENTRY.fullmatch(entry)
    if found is None or (found["port"] and int(found["port"]) != port):
        return False
    if host == found["host"]:
        return True
    network, address = _address(found["host"]), _address(host)
    if network is None or address is None or network.version != address.version:
        return False
    bits = found["bits"] or network.max_prefixlen
    return address in ipaddress.ip_network(f"{network}/{bits}", strict=False)


def _parsed(address: str) -> Address:
    return ipaddress.ip_address(address.strip("[]"))


def _address(host: str) -> Address | None:
    if host in LOCAL_NAMES or host.endswith(".localhost"):
        return ipaddress.IPv4Address("127.0.0.1")
    try:
        return _parsed(host)
    except ValueError:
        return None


def _is_never(address: Address) -> bool:
    return any(address in network for network in NEVER if network.version == address.version)


def _carried(address: Address) -> Iterator[Address]:
    """The address, and what it carries of IPv4. One that only means another is that one alone."""
    if isinstance(address, ipaddress.IPv4Address):
        yield address
    elif address.ipv4_mapped:
        yield address.ipv4_mapped
    else:
        yield address
        if address.sixtofour:
            yield address.sixtofour
        if address.teredo:
            yield from address.teredo
        last = address.packed[12:]
        if any(address in network for network in CARRYING) or address.packed[8:12] in ISATAP:
            yield ipaddress.IPv4Address(last)

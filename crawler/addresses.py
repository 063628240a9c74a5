"""Which addresses may be asked at all: no private, loopback or link-local one, unless its target names it outright."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from crawler import youtube
from riverline.crawling.targets import hosts_of
from riverline.errors import Fatal
from riverline.model import Target
from riverline.settings import Crawl

LOCAL_NAMES = ("localhost", "localhost.localdomain")


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet; also looks into IPv4 addresses that IPv6 ones carry."""
    found = ipaddress.ip_address(address.strip("[]"))
    if isinstance(found, ipaddress.IPv6Address):
        found = found.ipv4_mapped or found.sixtofour or found
    return found.is_global and not found.is_multicast


def is_local(host: str) -> bool:
    """Whether a host is, by its name alone, no host of the internet."""
    if host in LOCAL_NAMES or host.endswith(".localhost"):
        return True
    try:
        return not is_public(host)
    except ValueError:
        return False


def is_loopback(host: str) -> bool:
    if host in LOCAL_NAMES or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def proxy_of(target: Target, crawl: Crawl) -> str:
    return target.proxy or crawl.proxy


def visited_hosts(target: Target, crawl: Crawl) -> frozenset[str]:
    """The hosts that a crawl of a target asks. Raises Invalid (`bad_url`)."""
    return youtube.hosts(crawl) if target.kind == "youtube" else hosts_of(target)


def refusal(host: str, target: Target, crawl: Crawl) -> str:
    """`private_address` for a local host that no proxy stands before and that its target does not name; else ""."""
    if proxy_of(target, crawl) or not is_local(host) or host in visited_hosts(target, crawl):
        return ""
    return "private_address"


def require_contact(targets: Iterable[Target], crawl: Crawl) -> None:
    """Raises Fatal when the internet is to be visited by a crawler that nobody can write to."""
    if crawl.contact:
        return
    for target in targets:
        proxy = proxy_of(target, crawl)
        asked = {urlsplit(proxy).hostname or ""} if proxy else visited_hosts(target, crawl)
        if not all(map(is_loopback, asked)):
            raise Fatal(
                f"the target {target.name} is on the internet: set RIVERLINE_CRAWL__CONTACT to an e-mail or web "
                "address that site owners can turn to"
            )


def user_agent(crawl: Crawl) -> str:
    """What the crawler calls itself, with its contact: `RiverlineBot/1.0 (+https://example.org/bot)`."""
    return f"{crawl.user_agent} (+{crawl.contact})" if crawl.contact else crawl.user_agent

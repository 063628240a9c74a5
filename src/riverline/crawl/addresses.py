"""Which addresses may be requested: none of a private network, unless the target names it and the operator allows it;
link-local ones never."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from riverline.crawl.private_addresses import (
    PORTS,
    closed,
    is_local,
    is_loopback,
    is_never,
    is_open,
    named_origins,
    origin_of,
)
from riverline.crawl.targets import hosts_of
from riverline.errors import Fatal, Invalid
from riverline.model import Target
from riverline.parsing.url import host_of
from riverline.settings import Crawl


def proxy_of(target: Target, crawl: Crawl) -> str:
    return target.proxy or crawl.proxy


def visited_hosts(target: Target, crawl: Crawl) -> frozenset[str]:
    """The hosts that a crawl of a target asks. Raises Invalid (`bad_url`)."""
    if target.kind != "youtube":
        return hosts_of(target)
    return frozenset((urlsplit(url).hostname or "") for url in (crawl.youtube_api, crawl.youtube_feeds))


def asked_hosts(target: Target, crawl: Crawl) -> frozenset[str]:
    """The hosts whose names are looked up for a target: its proxy's, where it has one of its own, too."""
    proxy = urlsplit(target.proxy).hostname
    return visited_hosts(target, crawl) | ({proxy} if proxy else frozenset())


def refusal(origin: str, target: Target, crawl: Crawl) -> str:
    """`private_address` for a local host that no proxy stands before, unless the target names that very scheme, host
    and port and they are opened; for some in any case. Else ""."""
    host = host_of(origin)
    if is_never(host):
        return "private_address"
    if proxy_of(target, crawl) or not is_local(host):
        return ""
    if target.kind == "youtube":  # whose addresses are settings
        return "" if origin in map(origin_of, (crawl.youtube_api, crawl.youtube_feeds)) else "private_address"
    return "" if origin in named_origins(target) and is_open(origin, crawl.private) else "private_address"


def require_open(target: Target, crawl: Crawl) -> None:
    """Raises Invalid when a target names a private host, or a proxy, that the operator has not opened."""
    if target.kind != "youtube" and (said := closed(target, crawl.private)):
        raise Invalid(f"the target {target.name}: {said}")


def opening(targets: Iterable[Target], crawl: Crawl) -> Crawl:
    """For targets that the operator gives by hand: what they name is opened."""
    named = {urlsplit(url) for target in targets for url in (*named_origins(target), target.proxy) if url}
    local = sorted(f"{url.hostname}:{url.port or PORTS[url.scheme]}" for url in named if is_local(url.hostname or ""))
    return crawl.model_copy(update={"private": (*crawl.private, *local)})


def require_contact(targets: Iterable[Target], crawl: Crawl) -> None:
    """Raises Fatal when a crawler without a contact address is to visit the internet."""
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

"""Names are resolved to public addresses only, so that no name, and no change of a name, leads into the own network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy.resolver import CachingThreadedResolver
from twisted.internet import defer
from twisted.internet.error import DNSLookupError

from crawler.addresses import is_local, is_public
from crawler.targets import hosts_of

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


class PublicResolver(CachingThreadedResolver):
    """Refuses an answer that is no address of the internet, but for proxies and for local hosts that a target names."""

    trusted: frozenset[str] = frozenset()

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: Any) -> PublicResolver:
        resolver = super().from_crawler(crawler, reactor)
        resolver.trusted = frozenset(crawler.settings.getlist("TRUSTED_HOSTS"))
        return resolver

    def getHostByName(self, name: str, timeout: Any = ()) -> defer.Deferred[str]:
        found = super().getHostByName(name, timeout)
        return found if name in self.trusted else found.addCallback(self._checked, name)

    def _checked(self, address: str, name: str) -> str:
        if not is_public(address):
            raise DNSLookupError(f"private_address: {name} is {address}")
        return address


def trusted_hosts(targets: Any, proxies: Any) -> list[str]:
    """The proxies' hosts, and the local hosts that targets name outright."""
    named = {host for target in targets for host in hosts_of(target) if is_local(host)}
    return sorted(named | {urlsplit(proxy).hostname or "" for proxy in proxies if proxy})

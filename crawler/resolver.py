"""Names are resolved to public addresses only, so that no name, and no change of a name, leads into the own network."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar
from urllib.parse import urlsplit

from scrapy.resolver import CachingThreadedResolver
from twisted.internet import defer
from twisted.internet.error import DNSLookupError

from crawler.addresses import is_local, is_public


class PublicResolver(CachingThreadedResolver):
    """Refuses an answer that is no address of the internet, but for proxies and for local hosts that a target names."""

    trusted: ClassVar[set[str]] = set()  # of this process: targets may come while the crawl goes on

    @classmethod
    def trust(cls, hosts: Iterable[str], proxies: Iterable[str]) -> None:
        """What targets name outright, and the proxies before them, may be local."""
        cls.trusted |= set(filter(is_local, hosts))
        cls.trusted |= {urlsplit(proxy).hostname or "" for proxy in proxies if proxy}

    def getHostByName(self, name: str, timeout: Any = ()) -> defer.Deferred[str]:
        found = super().getHostByName(name, timeout)
        return found if name in self.trusted else found.addCallback(self._checked, name)

    def _checked(self, address: str, name: str) -> str:
        if not is_public(address):
            raise DNSLookupError(f"private_address: {name} is {address}")
        return address

"""Names are resolved to public addresses only, so that no name, however it changes, leads into a private network."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any, ClassVar
from urllib.parse import urlsplit

from scrapy.resolver import CachingThreadedResolver
from twisted.internet import defer
from twisted.internet.error import DNSLookupError

from riverline.crawl.private_addresses import is_local, is_public

LIBC_OPTIONS = "timeout:2 attempts:2"  # seconds for each of a machine's name servers, by default 5


def ask_briefly() -> None:
    """Has the C library give a name up soon, unless the machine's owner says otherwise: a thread that asks cannot be
    stopped, and a crawl that is over would wait for it. Called before the first name is looked up."""
    os.environ.setdefault("RES_OPTIONS", LIBC_OPTIONS)


class PublicResolver(CachingThreadedResolver):
    """Refuses an answer that is no address of the internet, but for proxies and for local hosts that a target names."""

    trusted: ClassVar[set[str]] = set()  # of this process: targets may come while the crawl goes on

    @classmethod
    def trust(cls, hosts: Iterable[str], proxy: str) -> None:
        """What targets name outright, by a name that says that it is local, may be; and the operator's own proxy."""
        cls.trusted |= set(filter(is_local, hosts))
        cls.trusted |= {urlsplit(proxy).hostname or ""} if proxy else set()

    def getHostByName(self, name: str, timeout: Any = ()) -> defer.Deferred[str]:
        found = super().getHostByName(name, timeout)
        return found if name in self.trusted else found.addCallback(self._checked, name)

    def _checked(self, address: str, name: str) -> str:
        if not is_public(address):
            raise DNSLookupError(f"private_address: {name} is {address}")
        return address

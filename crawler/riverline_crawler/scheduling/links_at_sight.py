"""What is known of a link without parsing it. Most links of a page lead to other hosts, are too deep, or were seen."""

from __future__ import annotations

from collections.abc import Callable

from riverline.model import Target
from riverline.newest import Newest
from riverline.parsing.url import plain_host

MOST_SPELLINGS = 50_000  # that are remembered


class LinksAtSight:
    """`hosts_of` gives the hosts of a target."""

    def __init__(self, hosts_of: Callable[[Target], frozenset[str]]) -> None:
        self._hosts_of = hosts_of
        # By name: each link asks for them, and a target is long to hash.
        self._hosts: dict[str, tuple[Target, frozenset[str]]] = {}
        self._spellings: Newest[str, None] = Newest(MOST_SPELLINGS)

    def misplaced(self, url: str, target: Target, depth: int) -> str:
        """Why an address is outside of its target; empty if it is inside, or has to be parsed to be judged."""
        host = plain_host(url)
        if not host:
            return ""
        held, hosts = self._hosts.get(target.name, (None, frozenset[str]()))
        if held is not target:
            hosts = self._hosts_of(target)
            self._hosts[target.name] = (target, hosts)
        return "other_host" if host not in hosts else "depth" if depth > target.depth else ""

    def spells(self, url: str) -> None:
        """That is another spelling of an address that was seen."""
        self._spellings.put(url, None)

    def __contains__(self, url: str) -> bool:
        """Whether it is such a spelling."""
        return url in self._spellings

    def forget(self, target: str) -> None:
        """A target goes, and what it has seen may be visited by others."""
        self._hosts.pop(target, None)
        self._spellings = Newest(MOST_SPELLINGS)

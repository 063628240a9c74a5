"""Login links in this process's memory: the twin of `adapters/mysql/login_links.py`."""

from __future__ import annotations

from collections.abc import Callable

from riverline.accounts.contracts import LoginLink
from riverline.errors import NotFound


class MemoryLoginLinks:
    """Not thread-safe. `exists` says which users there are."""

    def __init__(self, exists: Callable[[int], bool] = lambda _: True) -> None:
        self._exists = exists
        self._links: dict[str, LoginLink] = {}

    def add(self, link: LoginLink) -> None:
        if link.user_id is not None and not self._exists(link.user_id):
            raise NotFound(f"there is no user {link.user_id}")
        self._links[link.digest] = link

    def find(self, digest: str, now_ms: int) -> LoginLink:
        link = self._links.get(digest)
        gone = link is not None and link.user_id is not None and not self._exists(link.user_id)
        if link is None or gone or link.expires_at <= now_ms:
            raise NotFound("the link is unknown, was used, or has ended")
        return link

    def use(self, digest: str, now_ms: int) -> LoginLink:
        self.find(digest, now_ms)
        return self._links.pop(digest)

    def forget(self, now_ms: int) -> int:
        over = [digest for digest, link in self._links.items() if link.expires_at <= now_ms]
        for digest in over:
            del self._links[digest]
        return len(over)

"""Tokens in this process's memory: the twin of `adapters/mysql/tokens.py`."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from riverline.accounts.contracts import Token
from riverline.errors import NotFound


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class MemoryTokens:
    """Not thread-safe. `exists` says which users there are."""

    def __init__(self, exists: Callable[[int], bool] = lambda _: True, now_ms: Callable[[], int] = _now_ms) -> None:
        self._exists, self._now_ms = exists, now_ms
        self._tokens: dict[str, Token] = {}

    def add(self, digest: str, user_id: int | None, scopes: Sequence[str], name: str, expires_at: int | None) -> Token:
        if user_id is not None and not self._exists(user_id):
            raise NotFound(f"there is no user {user_id}")
        made = Token(len(self._tokens) + 1, digest, user_id, tuple(scopes), name, self._now_ms(), expires_at)
        self._tokens[digest] = made
        return made

    def find(self, digest: str) -> Token | None:
        token = self._tokens.get(digest)
        return token if token and (token.user_id is None or self._exists(token.user_id)) else None

    def all(self, user_id: int | None = None) -> list[Token]:
        return [one for one in self._tokens.values() if user_id is None or one.user_id == user_id]

    def revoke(self, token_id: int) -> Token:
        for token in self._tokens.values():
            if token.id == token_id:
                revoked = token if token.revoked_at is not None else replace(token, revoked_at=self._now_ms())
                self._tokens[token.digest] = revoked
                return revoked
        raise NotFound(f"there is no token {token_id}")

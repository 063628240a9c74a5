"""Sessions of browsers in this process's memory: the twin of `adapters/mysql/sessions.py`."""

from __future__ import annotations

from collections.abc import Callable

from riverline.accounts.contracts import BrowserSession, Token
from riverline.errors import NotFound
from riverline.model import User

Kept = tuple[int | None, int | None, int]  # the user, the token, and when it ends


class MemorySessions:
    """Not thread-safe. `user` knows the users (it raises NotFound), `tokens` says which tokens there are."""

    def __init__(self, user: Callable[[int], User], tokens: Callable[[], list[Token]] = list) -> None:
        self._user, self._tokens = user, tokens
        self._sessions: dict[str, Kept] = {}

    def begin(self, digest: str, user_id: int | None, token_id: int | None, expires_at: int) -> None:
        if user_id is not None:
            self._user(user_id)
        self._sessions[digest] = (user_id, token_id, expires_at)

    def find(self, digest: str, now_ms: int) -> BrowserSession | None:
        user_id, token_id, expires_at = self._sessions.get(digest, (None, None, 0))
        token = next((one for one in self._tokens() if one.id == token_id), None)
        if expires_at <= now_ms or (token_id is not None and (token is None or token.refusal(now_ms))):
            return None
        try:
            name = self._user(user_id).name if user_id is not None else ""
        except NotFound:
            return None
        return BrowserSession(digest, user_id, name, token_id, token.scopes if token else ())

    def end(self, digest: str) -> None:
        self._sessions.pop(digest, None)

    def end_all(self, user_id: int) -> int:
        return self._dropped([digest for digest, (of, _, _) in self._sessions.items() if of == user_id])

    def forget(self, now_ms: int) -> int:
        return self._dropped([digest for digest, (_, _, end) in self._sessions.items() if end <= now_ms])

    def _dropped(self, digests: list[str]) -> int:
        for digest in digests:
            del self._sessions[digest]
        return len(digests)

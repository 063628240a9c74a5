"""What the store of tokens promises. `adapters/mysql/tokens.py` keeps it in MySQL, `testing/` in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a token. Without a user it acts as nobody: it holds only its scopes."""

    id: int
    digest: str
    user_id: int | None
    scopes: tuple[str, ...] = ()
    name: str = ""
    created_at: int = 0
    expires_at: int | None = None
    revoked_at: int | None = None

    def refusal(self, now_ms: int) -> str:
        """Why it opens nothing now; empty if it does."""
        if self.revoked_at is not None:
            return "the token was revoked"
        return "the token has expired" if self.expires_at is not None and self.expires_at <= now_ms else ""


class Tokens(Protocol):
    """Where tokens are kept. Raises Transient when it is away."""

    def add(self, digest: str, user_id: int | None, scopes: Sequence[str], name: str, expires_at: int | None) -> Token:
        """Raises NotFound when there is no such user."""

    def find(self, digest: str) -> Token | None:
        """Perhaps a moment old; a token that was just added is found."""

    def all(self, user_id: int | None = None) -> list[Token]:
        """All, or a user's, the oldest first."""

    def revoke(self, token_id: int) -> Token:
        """From now on it opens nothing. Twice is once. Raises NotFound."""

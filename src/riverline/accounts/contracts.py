"""What the stores of tokens, login links and sessions promise. `adapters/mysql` keeps them in MySQL, `testing/` in
memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from riverline.model import User


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


@dataclass(frozen=True, slots=True)
class LoginLink:
    """What a mailed link does. `user_id`: who logs in, or whose address becomes `email`; none for who joins."""

    digest: str
    purpose: str  # of accounts/links.py
    email: str
    expires_at: int
    user_id: int | None = None
    name: str = ""  # of who joins


class LoginLinks(Protocol):
    """Where links are kept until they have been used, or have ended. Raises Transient when it is away."""

    def add(self, link: LoginLink) -> None:
        """Raises NotFound when there is no such user."""

    def find(self, digest: str, now_ms: int) -> LoginLink:
        """Raises NotFound for a link that is unknown, was used, or has ended."""

    def use(self, digest: str, now_ms: int) -> LoginLink:
        """The same, and from now on it opens nothing: of several callers one gets it."""

    def forget(self, now_ms: int) -> int:
        """Removes those that open nothing any more. Returns how many there were."""


@dataclass(frozen=True, slots=True)
class BrowserSession:
    """Who is logged in with a browser. `token_id`: the token that was shown for it, whose scopes it has."""

    digest: str
    user_id: int | None
    name: str
    token_id: int | None = None
    scopes: tuple[str, ...] = ()


class Sessions(Protocol):
    """Where sessions are kept. Raises Transient when it is away."""

    def begin(self, digest: str, user_id: int | None, token_id: int | None, expires_at: int) -> None:
        """Raises NotFound when there is no such user."""

    def find(self, digest: str, now_ms: int) -> BrowserSession | None:
        """None from the moment on in which it ended, or the token that it came from was revoked or expired."""

    def end(self, digest: str) -> None:
        """Twice is once."""

    def end_all(self, user_id: int) -> int:
        """All sessions of a user. Returns how many there were."""

    def forget(self, now_ms: int) -> int:
        """Removes those that are over. Returns how many there were."""


class Addresses(Protocol):
    """Who has which e-mail address."""

    def user_by_email(self, email: str) -> User | None:
        """As of now, whatever the letter case."""


class Mailer(Protocol):
    """How mail is sent."""

    def send(self, to: str, subject: str, text: str) -> None:
        """Raises Transient when it was not taken, and Invalid for an address that nobody can send to."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what, of what is not undone by itself. `actor`: "user 7", "token 3", or "command line"."""

    id: int
    at: int
    actor: str
    action: str
    subject: str
    reason: str = ""


class AuditLog(Protocol):
    """The trail. Raises Transient when it is away."""

    def add(self, actor: str, action: str, subject: str, reason: str = "") -> None: ...

    def newest(self, before: int, limit: int, action: str = "") -> list[AuditEntry]:
        """The newest first: those with a smaller id than `before`, from the newest where it is 0. `action`: those
        whose action begins so."""

    def forget(self, before_ms: int) -> int:
        """Removes older ones. Returns how many there were."""


@dataclass(frozen=True, slots=True)
class TakenDown:
    """What stays out of the index until it is let in again."""

    id: int
    kind: str  # of pipeline/take_down.py
    subject: str
    reason: str
    at: int


class TakeDowns(Protocol):
    """What was taken down. Raises Transient when it is away."""

    def add(self, kind: str, subject: str, reason: str) -> TakenDown:
        """Again: with the new reason."""

    def remove(self, take_down_id: int) -> TakenDown:
        """Raises NotFound."""

    def all(self) -> list[TakenDown]:
        """The newest first."""

"""Bearer tokens. A token is shown once, to whom it is given; what is stored is its SHA-256 alone.

A token of 256 random bits needs no slow hash: nobody can go through them.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable

from riverline.accounts.contracts import Token, Tokens
from riverline.errors import RiverlineError
from riverline.newest import Newest

PREFIX = "rvl_"  # lets scanners for leaked secrets find it
SESSION_PREFIX = "rvs_"
BYTES = 32
ADMIN = "admin"
READ = "read"  # it only reads, whatever else it may
SCOPES = (ADMIN, READ)
REMEMBERED_SECONDS = 5.0  # for so long a process goes on to honour a token that was revoked
MOST_REMEMBERED = 10_000
LONGEST = 200  # characters of what is taken for a token at all


class Refused(RiverlineError):
    """What was shown is no token that opens anything."""


def new_token() -> str:
    """A new secret of 256 random bits."""
    return PREFIX + secrets.token_urlsafe(BYTES)


def new_link() -> str:
    """The secret of a mailed link."""
    return secrets.token_urlsafe(BYTES)


def new_session() -> str:
    """The secret of a browser's session."""
    return SESSION_PREFIX + secrets.token_urlsafe(BYTES)


def digest_of(secret: str) -> str:
    """What is stored of a secret: SHA-256 in hexadecimal."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def old_cookies_of(user_id: int) -> str:
    """What stands among the digests of sessions while cookies of earlier versions open nothing for the user. It is the
    digest of no secret."""
    return f"old cookies of user {user_id}"


class Recognition:
    """Finds the token of a secret, and remembers it for some seconds. Thread-safe."""

    def __init__(
        self, tokens: Tokens, now_ms: Callable[[], int], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._tokens, self._now_ms, self._monotonic = tokens, now_ms, monotonic
        self._known: Newest[str, tuple[float, Token]] = Newest(MOST_REMEMBERED)

    def of(self, secret: str) -> Token:
        """Raises Refused for an unknown, expired or revoked one, and Transient."""
        if len(secret) > LONGEST:
            raise Refused("the token is unknown")
        digest = digest_of(secret)
        token = self._remembered(digest) or self._found(digest)
        if token is None or not hmac.compare_digest(token.digest, digest):
            raise Refused("the token is unknown")
        if refusal := token.refusal(self._now_ms()):
            raise Refused(refusal)
        return token

    def remembered(self, secret: str) -> Token | None:
        """The token, if it is remembered and opens something. Asks no store."""
        if len(secret) > LONGEST:
            return None
        digest = digest_of(secret)
        token = self._remembered(digest)
        known = token is not None and hmac.compare_digest(token.digest, digest)
        return token if token and known and not token.refusal(self._now_ms()) else None

    def _remembered(self, digest: str) -> Token | None:
        until, token = self._known.get(digest) or (0.0, None)
        return token if until > self._monotonic() else None

    def _found(self, digest: str) -> Token | None:
        token = self._tokens.find(digest)
        if token is not None:
            self._known.put(digest, (self._monotonic() + REMEMBERED_SECONDS, token))
        return token

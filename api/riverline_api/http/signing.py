"""Signs what clients return later: cursors, and the ids of requests. Only the API can make them.

All processes that answer for one site share a secret (RIVERLINE_API__SECRET): what one signed another takes.
"""

from __future__ import annotations

import hmac
import os
from hashlib import blake2b
from typing import cast

from flask import Flask, current_app

from riverline.errors import Invalid
from riverline.random_ids import random_id

OF_CURSOR, OF_REQUEST = b"cursor", b"request"
TAG = 24  # hexadecimal digits of a cursor's signature
ID_TAG = 8  # and of a request's id, the last ones: 96 random bits stand before them
_KEY = "riverline-signing"


class Signer:
    """Thread-safe. Without a secret it makes one up, which no other process knows."""

    def __init__(self, secret: str = "") -> None:
        self._key = blake2b(secret.encode() or os.urandom(32), digest_size=32).digest()

    def signed(self, cursor: str) -> str:
        """A cursor as it is given out."""
        return cursor + self._tag(cursor, OF_CURSOR, TAG)

    def opened(self, signed: str) -> str:
        """A cursor that was given out. Raises Invalid for any other."""
        cursor, tag = signed[:-TAG], signed[-TAG:]
        if not self._is(tag, cursor, OF_CURSOR, TAG):
            raise Invalid("cursor is damaged: leave it out to start again")
        return cursor

    def request_id(self) -> str:
        """A new id of 32 hexadecimal digits."""
        digits = random_id()[:-ID_TAG]
        return digits + self._tag(digits, OF_REQUEST, ID_TAG)

    def made(self, request_id: str) -> bool:
        """If that id is one of a request to this site."""
        return self._is(request_id[-ID_TAG:], request_id[:-ID_TAG], OF_REQUEST, ID_TAG)

    def _is(self, tag: str, text: str, of: bytes, digits: int) -> bool:
        wanted = self._tag(text, of, digits)
        return hmac.compare_digest(wanted.encode(), tag.encode("utf-8", "surrogatepass"))

    def _tag(self, text: str, of: bytes, digits: int) -> str:
        said = text.encode("utf-8", "surrogatepass")
        return blake2b(said, digest_size=digits // 2, key=self._key, person=of).hexdigest()


def keep(app: Flask, signer: Signer) -> None:
    """Lets an application sign."""
    app.extensions[_KEY] = signer


def signer() -> Signer:
    """The one of this application."""
    return cast(Signer, current_app.extensions[_KEY])

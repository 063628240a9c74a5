"""Mailed links: how people log in, join, come back, and change their address.

Whatever was asked for, whether an address is known is said in the mail alone: whoever can read it has the address.
A link opens once, for half an hour. It is stored as its SHA-256, and stands in no queue: it is made where the mail is
sent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from riverline.accounts import letters
from riverline.accounts.contracts import Addresses, LoginLink, LoginLinks, Mailer
from riverline.accounts.tokens import digest_of, new_link
from riverline.errors import NotFound

JOIN, LOGIN, CHANGE = "join", "login", "change"
VALID_MINUTES = 30
PATH = "/login/"  # before the secret


@dataclass(frozen=True, slots=True)
class LinkWish:
    """What somebody asked for. `user_id`: whose address is to become `email`."""

    purpose: str
    email: str
    language: str
    name: str = ""
    user_id: int | None = None


@dataclass(frozen=True)
class LinkOffice:
    """Mails what answers a wish. `site`: the beginning of the site's addresses."""

    links: LoginLinks
    addresses: Addresses
    mailer: Mailer
    now_ms: Callable[[], int]
    site: str

    def answer(self, wish: LinkWish) -> None:
        """Raises Transient, and Invalid for an address that nobody can send to."""
        if wish.purpose == letters.CHANGED:
            return self._mail(letters.CHANGED, wish, self.site)
        known = self.addresses.user_by_email(wish.email)
        if wish.purpose == CHANGE:
            if known is None:
                self._mail_link(CHANGE, wish, wish.user_id)
            elif known.id != wish.user_id:
                self._mail(letters.TAKEN, wish, self.site)
        elif known is not None:
            self._mail_link(LOGIN, wish, known.id)
        elif wish.purpose == JOIN:
            self._mail_link(JOIN, wish)
        else:
            self._mail(letters.UNKNOWN, wish, f"{self.site}/join")
        return None

    def _mail_link(self, purpose: str, wish: LinkWish, user_id: int | None = None) -> None:
        secret = new_link()
        ends = self.now_ms() + VALID_MINUTES * 60_000
        name = wish.name if purpose == JOIN else ""
        try:
            self.links.add(LoginLink(digest_of(secret), purpose, wish.email, ends, user_id, name))
        except NotFound:
            return  # the account was deleted just now
        self._mail(purpose, wish, f"{self.site}{PATH}{secret}")

    def _mail(self, kind: str, wish: LinkWish, address: str) -> None:
        subject, text = letters.letter(kind, wish.language, address, VALID_MINUTES)
        self.mailer.send(wish.email, subject, text)

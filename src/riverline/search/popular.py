"""Which searches may be shown to others: those that several people made, and nothing personal. Pure.

A person is an account or an address, hashed with a salt of the week and with the search itself: the log reveals
neither who it was nor which searches were the same person's, and after the week not even with the salts.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from hashlib import blake2b

from riverline.search.syntax import words

WEEK_MS = 7 * 86_400_000  # a salt's life; counted from 1970
LONGEST = 60  # characters
MOST_DIGITS = 4  # in a row, whatever stands between them: a year, and no telephone number
_ADDRESS = re.compile(r"@|://|\bwww\.", re.IGNORECASE)  # of a person, or of a page
_BETWEEN = re.compile(r"(?<=\d)[\s()+./,_-]+(?=\d)")
_DIGITS = re.compile(rf"\d{{{MOST_DIGITS + 1},}}")
# Not the libraries of REST clients: people search and click through them.
_BOT = re.compile(r"bot\b|bot/|crawl|spider|slurp|scrap|headless|lighthouse|monitor|preview|feed", re.IGNORECASE)


@lru_cache(256)
def suggestible(text: str) -> str:
    """A query as it may be suggested to others: its words and phrases, folded, without operators. Empty where it is too
    long, or looks like an e-mail address, a number or an address of a page."""
    found = words(text).text.lower()
    return "" if len(found) > LONGEST or _is_private(found) else found


def is_bot(user_agent: str) -> bool:
    """If a program says what it is. Whoever says nothing is one, too."""
    return not user_agent or _BOT.search(user_agent) is not None


def period(at_ms: int) -> int:
    """The number of the week whose salt is used then."""
    return at_ms // WEEK_MS


def person(salt: bytes, who: str, what: str) -> str:
    """A name for somebody who did that, of 32 hexadecimal digits: the same for the same, as long as the salt lives."""
    return blake2b(f"{who}\0{what}".encode("utf-8", "surrogatepass"), key=salt, digest_size=16).hexdigest()


def _is_private(text: str) -> bool:
    found = _BETWEEN.sub("", unicodedata.normalize("NFKC", text))
    return any(pattern.search(found) for pattern in (_ADDRESS, _DIGITS))

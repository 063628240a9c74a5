"""Digests: what a URL, a page and a text are recognised by. All are BLAKE2b of 160 bits, in 40 hexadecimal digits."""

from __future__ import annotations

import re
import unicodedata
from hashlib import blake2b

_FOLDED = re.compile(r"[\W_]+")


def url_id(url: str) -> str:
    """The `_id` of the document that stands for this canonical URL."""
    return _digest(url.encode("utf-8", "surrogatepass"))


def page_digest(url: str, body: bytes) -> str:
    """Equal as long as neither the canonical URL nor a byte of the body has changed."""
    return _digest(url.encode("utf-8", "surrogatepass"), b"\0", body)


def text_digest(text: str) -> str:
    """Equal for texts that differ in width, case, white space and punctuation only; empty without a letter or digit."""
    folded = folded_text(text)
    return _digest(folded.encode("utf-8", "surrogatepass")) if folded else ""


def folded_text(text: str) -> str:
    """Compatibility forms made one (NFKC), case folded, each run of anything but letters and digits as one space."""
    caseless = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return _FOLDED.sub(" ", caseless).strip()


def _digest(*parts: bytes) -> str:
    state = blake2b(digest_size=20)
    for part in parts:
        state.update(part)
    return state.hexdigest()

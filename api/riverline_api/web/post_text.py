"""The text of a post as HTML: addresses, #tags and @people as links, long texts folded. Pure."""

from __future__ import annotations

import re
from urllib.parse import quote_plus

from markupsafe import Markup, escape

LONG, SHOWN = 700, 500  # characters from which a post is folded, and those that are shown then
LONGEST_TAG = 50
_LINK = re.compile(
    r"(?P<url>https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]}…])"
    r"|(?<![\w/&])#(?P<tag>\w*[^\W\d]\w*)"
    r"|(?<![\w/.])@(?P<person>\w+)"
)


def linked(text: str) -> Markup:
    """The text, escaped, with its links."""
    parts, end = [], 0
    for found in _LINK.finditer(text):
        parts += [escape(text[end : found.start()]), _link(found)]
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])


def _link(found: re.Match[str]) -> Markup:
    shown = found[0]
    if url := found["url"]:
        return Markup('<a href="{}" rel="noopener nofollow ugc">{}</a>').format(url, shown)
    address = f"/?tag={quote_plus(found['tag'])}" if found["tag"] else f"/people?q={quote_plus(found['person'])}"
    return Markup('<a href="{}">{}</a>').format(address, shown)


def folded(text: str) -> tuple[str, str]:
    """What is shown at once of a text, and the rest where it is long; they meet between two words."""
    if len(text) <= LONG:
        return text, ""
    cut = text.rfind(" ", SHOWN // 2, SHOWN)
    cut = cut if cut > 0 else SHOWN
    return text[:cut], text[cut:]


def tags_of(text: str) -> list[str]:
    """The #tags in a text, each once."""
    found = (one["tag"] for one in _LINK.finditer(text) if one["tag"])
    return list(dict.fromkeys(tag for tag in found if len(tag) <= LONGEST_TAG))

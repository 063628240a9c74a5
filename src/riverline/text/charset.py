"""From bytes to text: byte order mark, HTTP header, the page's own declaration, guess.

Labels are read as browsers read them (the WHATWG Encoding Standard: EUC-KR and KS_C_5601 mean CP949, ISO-8859-1 means
windows-1252). A declaration that the bytes contradict is not believed where another reading fits without an error.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

from w3lib.encoding import read_bom, resolve_encoding

HEAD = 4096  # bytes in which a declaration is looked for; browsers read 1024, old pages put theirs later
SAMPLE = 32_768  # bytes on which a guess is made
DECLARED = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,400}?(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,40})""", re.I
)
UNTIDY = str.maketrans({"\x00": None, "\ufeff": None})


@lru_cache(maxsize=256)
def codec(label: str) -> str:
    """Python's codec for a charset label, "" for one that nobody knows."""
    name = resolve_encoding(label.strip()) or ""
    return _korean(name) if name else ""


def _korean(name: str) -> str:
    return "cp949" if codecs.lookup(name).name in ("euc_kr", "cp949", "johab") and "johab" not in name else name


def declared(body: bytes) -> str:
    """The codec that the page itself names in a `meta` element or an XML declaration, "" where there is none."""
    for match in DECLARED.finditer(body[:HEAD]):
        if name := codec(match.group(1).decode("ascii")):
            # A page that could be read this far is not in UTF-16, whatever it says (the standard's own rule).
            return "utf-8" if name.startswith("utf-16") else name
    return ""


def decoded(body: bytes, header: str = "") -> str:
    """The body as text, without null characters and byte order marks. Never fails: what no codec reads becomes U+FFFD."""
    marked, mark = read_bom(body)
    if marked and mark:
        return _tidy(body[len(mark) :].decode(marked, "replace"))
    tried = dict.fromkeys(name for name in (codec(header), declared(body)) if name)
    for name in [*tried, "utf-8"]:
        try:
            return _tidy(body.decode(name))
        except (UnicodeDecodeError, LookupError):
            continue
    return _tidy(_mended(body, list(tried)))


def _mended(body: bytes, tried: list[str]) -> str:
    """The reading with the fewest unreadable places: nearly right is a page cut in the middle of a character, or two
    charsets in one page; far from right is a wrong declaration, and the bytes are asked themselves."""
    readings = [body.decode(name, "replace") for name in [*tried, "utf-8"]]
    best = min(readings, key=_broken)
    if _broken(best) * 200 <= len(best):
        return best
    guess = _guess(body)
    return body.decode(guess, "replace") if guess else best


def _broken(text: str) -> int:
    return text.count("\ufffd")


def _guess(body: bytes) -> str:
    from charset_normalizer import from_bytes

    # The densest part of the page in bytes beyond ASCII says most about its charset.
    starts = range(0, max(1, len(body)), SAMPLE)
    sample = max((body[start : start + SAMPLE] for start in starts), key=lambda part: len(part.translate(None, ASCII)))
    match = from_bytes(sample, steps=5, chunk_size=512).best()
    return codec(match.encoding) or match.encoding if match else ""


ASCII = bytes(range(128))


def _tidy(text: str) -> str:
    return text.translate(UNTIDY) if "\x00" in text or "\ufeff" in text else text

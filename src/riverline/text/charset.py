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
NEARLY = 1 / 200  # share of unreadable characters up to which a reading is right but for a slip
DECLARED = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,400}?(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,40})""", re.I
)
ASCII = bytes(range(128))
# Control characters are no text, and XML allows none but these three: tab, line feed, carriage return.
CONTROL_BYTES = bytes(set(range(32)) - {9, 10, 13}) + b"\x7f"
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff]+")
LABELS = {"windows-949": "cp949", "x-windows-949": "cp949"}  # of the standard, unknown to w3lib
MARK = "\ufeff".encode()


@lru_cache(maxsize=256)
def codec(label: str) -> str:
    """Python's codec for a charset label, "" for one that nobody knows."""
    label = label.strip().lower()
    name = LABELS.get(label) or resolve_encoding(label) or ""
    try:
        found = codecs.lookup(name).name if name else ""
    except LookupError:
        return ""
    return "cp949" if found == "euc_kr" else found


def declared(body: bytes) -> str:
    """The codec that the page itself names in a `meta` element or an XML declaration, "" where there is none."""
    for match in DECLARED.finditer(body[:HEAD]):
        if name := codec(match.group(1).decode("ascii")):
            # A page that could be read this far is not in UTF-16, whatever it says (the standard's own rule).
            return "utf-8" if name.startswith(("utf-16", "utf-32")) else name
    return ""


def decoded(body: bytes, header: str = "") -> str:
    """The body as text, without control characters and byte order marks. What no codec reads becomes U+FFFD."""
    marked, mark = read_bom(body)
    if marked and mark:
        return CONTROLS.sub("", body[len(mark) :].decode(marked, "replace"))
    text = _read(body, [name for name in dict.fromkeys((codec(header), declared(body))) if name])
    # The bytes tell quickly that there is nothing to take away, in all charsets that hold ASCII.
    tidy = len(body.translate(None, CONTROL_BYTES)) == len(body) and MARK not in body
    return text if tidy else CONTROLS.sub("", text)


def _read(body: bytes, named: list[str]) -> str:
    for name in dict.fromkeys([*named, "utf-8"]):
        try:
            return body.decode(name)
        except UnicodeDecodeError:
            continue
    return _mended(body, named)


def _mended(body: bytes, named: list[str]) -> str:
    """The reading with the fewest unreadable places: nearly right is a page cut in the middle of a character, or two
    charsets in one page; far from right is a wrong declaration, and the bytes are asked themselves."""
    best = min((body.decode(name, "replace") for name in [*named, "utf-8"]), key=_unreadable)
    if _unreadable(best) <= NEARLY * len(best):
        return best
    guess = _guess(body)
    return body.decode(guess, "replace") if guess else best


def _unreadable(text: str) -> int:
    return text.count("\ufffd")


def _guess(body: bytes) -> str:
    """The codec that the body looks like, "" where nothing fits. The part densest in bytes beyond ASCII says most."""
    from charset_normalizer import from_bytes

    parts = (body[start : start + SAMPLE] for start in range(0, len(body), SAMPLE))
    sample = max(parts, key=lambda part: len(part.translate(None, ASCII)), default=b"")
    match = from_bytes(sample, steps=5, chunk_size=512).best()
    return codec(match.encoding) if match else ""

"""From bytes to text: byte order mark, UTF-8 where the bytes are that, HTTP header, the page's own declaration, guess.

Labels are read as browsers read them (the WHATWG Encoding Standard: EUC-KR and KS_C_5601 mean CP949, ISO-8859-1 means
windows-1252). A declaration that the bytes contradict is not believed: hardly any text of another charset is UTF-8 by
chance, so that UTF-8 goes before every header.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

from w3lib.encoding import read_bom, resolve_encoding

from riverline.parsing.charset.detection import guess

HEAD = 4096  # bytes in which a declaration is looked for; browsers read 1024, old pages put theirs later
FEWEST = 3  # characters beyond ASCII that prove UTF-8 against a declared charset of two bytes
SLIPS = 1 / 4  # share of unreadable ones among the characters beyond ASCII up to which a reading is right but for slips
SLIPS_UTF_8 = 1 / 2  # the same of a page that declares UTF-8: what reads as that besides is hardly so by chance
UNREADABLE = "\ufffd"
DECLARED = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,400}?(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,40})""", re.I
)
DOUBLE = frozenset(("cp949", "cp932", "euc_jp", "gb18030", "gbk", "big5hkscs", "big5"))
STATEFUL = ("iso2022", "hz")  # charsets of ASCII alone, which switch to another set
SWITCHING = b"\x1b$"
# Control characters are no text, and XML allows none but these three: tab, line feed, carriage return.
CONTROL_BYTES = bytes(set(range(32)) - {9, 10, 13}) + b"\x7f"
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff]+")
LABELS = {  # of the standard, unknown to w3lib
    "windows-949": "cp949",
    "x-windows-949": "cp949",
    "uhc": "cp949",
    "iso-8859-8-i": "iso8859-8",
    "logical": "iso8859-8",
    "x-mac-cyrillic": "mac_cyrillic",
    "x-mac-ukrainian": "mac_cyrillic",
    "x-user-defined": "cp1252",
}
VENDOR = re.compile(r"^x-(cp125\d)$")
MARK = "\ufeff".encode()
UNMARKED = re.compile(rb"(?:(<\x00)|\x00<)(?:[^\x00]\x00|\x00[^\x00])")  # markup in UTF-16 without a mark


@lru_cache(maxsize=256)
def codec(label: str) -> str:
    """Python's codec for a charset label, "" for one that nobody knows."""
    label = VENDOR.sub(r"\1", label.strip().lower())
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
    if wide := UNMARKED.match(body):
        return CONTROLS.sub("", body.decode("utf-16-le" if wide[1] else "utf-16-be", "replace"))
    text = _read(body, [name for name in dict.fromkeys((codec(header), declared(body))) if name])
    # The bytes tell quickly that there is nothing to take away, in all charsets that hold ASCII.
    tidy = len(body.translate(None, CONTROL_BYTES)) == len(body) and MARK not in body
    return text if tidy else CONTROLS.sub("", text)


def _read(body: bytes, named: list[str]) -> str:
    if body.isascii():
        return _read_ascii(body, named)
    exact = _strict(body, "utf-8")
    if exact and ("utf-8" in named or DOUBLE.isdisjoint(named) or _beyond_ascii(exact) >= FEWEST):
        return exact
    # Two bytes a character are never a server's default: they go before what the server says of all its pages.
    texts = (_strict(body, name) for name in named if name in DOUBLE)
    return next(filter(None, texts), "") or exact or _mended(body, named)


def _read_ascii(body: bytes, named: list[str]) -> str:
    """A body of ASCII alone, which may switch to other character sets or be UTF-16 by its header."""
    for name in named:
        if name.startswith(STATEFUL) or (name.startswith("utf-16") and b"\x00" in body):
            return body.decode(name, "replace")
    name = guess(body, codec) if SWITCHING in body and not named else ""
    return body.decode(name if name.startswith(STATEFUL) else "ascii", "replace")


def _strict(body: bytes, name: str) -> str:
    """The body in a charset, "" where an error is in it."""
    try:
        return body.decode(name)
    except UnicodeDecodeError:
        return ""


def _mended(body: bytes, named: list[str]) -> str:
    """The reading of a body in which no charset is without errors: a page that is cut in the middle of a character, or
    two charsets in one page. Readings are right but for slips where few of the characters beyond ASCII are unreadable;
    how long the page is says nothing. Where all are far from right, the bytes are asked themselves."""
    for name in ("utf-8", *named):
        text = body.decode(name, "replace")
        slips = SLIPS_UTF_8 if name == "utf-8" and name in named else SLIPS
        if text.count(UNREADABLE) <= slips * _beyond_ascii(text):
            return text
    return body.decode(guess(body, codec), "replace")


def _beyond_ascii(text: str) -> int:
    """How many characters of a text are not ASCII."""
    return len(text) - len(text.encode("ascii", "ignore"))

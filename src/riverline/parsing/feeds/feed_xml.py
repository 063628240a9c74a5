"""The XML of feeds as they are served, mended so that an error costs no more than its own place.

A reader of XML gives up at the first error, and libxml2's recovery drops every reference after it. So the text is
mended first: references that XML does not know, bare ampersands and angle brackets, what stands before and after the
root. No document type reaches the reader: nothing is loaded from elsewhere and nothing is expanded.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from html.entities import html5

from lxml import etree

from riverline.errors import Invalid

CLOSED_BY = {"<!--": "-->", "<![CDATA[": "]]>", "<?": "?>"}
OPENING = re.compile(r"<!--|<!\[CDATA\[|<\?")
ROOT = re.compile(r"<((?:[\w.-]{1,40}:)?(?:rss|feed|rdf|channel))(?=[\s>/])", re.I)
REFERENCE = re.compile(r"&(?:#(?:\d{1,8}|[xX][0-9a-fA-F]{1,7});|([A-Za-z]\w{0,40});)?")
DECLARATION = re.compile(r"""<!ENTITY\s{1,9}(\w{1,40})\s{1,9}(?:"([^"<&%]{0,40})"|'([^'<&%]{0,40})')\s{0,9}>""")
KNOWN = frozenset(("amp", "lt", "gt", "quot", "apos"))
# For each of those a character of private use, for a reader that would drop them.
STAND_INS = {
    "&amp;": "\U0010fff0",
    "&lt;": "\U0010fff1",
    "&gt;": "\U0010fff2",
    "&quot;": "\U0010fff3",
    "&apos;": "\U0010fff4",
}
MEANT = str.maketrans({stand_in: html.unescape(written) for written, stand_in in STAND_INS.items()})
NO_TAG = re.compile(r"<(?![A-Za-z_:/!])|<(?=/[^A-Za-z_:])")
UNPREFIXED = re.compile(r"<(/?([A-Za-z][\w.-]{0,40})(?=[\s/>])[^<>]{0,4000})>")
NOT_ALLOWED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# The elements of RSS 0.9 to 2.0 and of Atom 0.3 and 1.0 that bear no prefix: other names are markup within a text.
VOCABULARY = frozenset(
    (
        "rss", "channel", "item", "items", "title", "link", "description", "language", "copyright", "managingeditor",
        "webmaster", "pubdate", "lastbuilddate", "category", "generator", "docs", "cloud", "ttl", "image", "rating",
        "textinput", "skiphours", "skipdays", "url", "author", "comments", "enclosure", "guid", "source", "feed",
        "entry", "subtitle", "tagline", "modified", "issued", "created", "updated", "published", "id", "rights",
        "contributor", "content", "summary", "logo", "icon", "uri", "email", "name",
    )
)  # fmt: skip


def feed_root(text: str) -> etree._Element:
    """The root of a feed. Raises Invalid (`broken_xml`) where there is none."""
    declared = {name: one or other for name, one, other in DECLARATION.findall(text[: _start(text)])}
    mended = "".join(_pieces(text, declared))
    begins = ROOT.search(mended)
    if not begins:
        raise Invalid("the XML holds no feed", reason="broken_xml")
    closing = f"</{begins[1]}>"
    ends = mended.rfind(closing)
    mended = mended[begins.start() : ends + len(closing) if ends > 0 else None]
    root, sound = _read(mended)
    if not sound:
        root, _ = _read(_without_references(UNPREFIXED.sub(_as_text, mended)))
        _restore(root)
    if root is None:
        raise Invalid("the XML holds no element", reason="broken_xml")
    return root


def _start(text: str) -> int:
    found = ROOT.search(text)
    return found.start() if found else 0


def _pieces(text: str, declared: dict[str, str]) -> Iterator[str]:
    """The text without comments and processing instructions, CDATA as escaped text, the rest mended."""

    def mended(start: int, end: int) -> str:
        known = REFERENCE.sub(lambda match: _reference(match, declared), text[start:end])
        return NO_TAG.sub("&lt;", known).replace("]]>", "]]&gt;")

    position, never = 0, set[str]()
    for opening in OPENING.finditer(text):
        mark = opening[0]
        if opening.start() < position:
            continue  # within a comment or CDATA
        end = -1 if mark in never else text.find(CLOSED_BY[mark], opening.end())
        yield mended(position, opening.start())
        position = opening.end()
        if end < 0:
            never.add(mark)
            yield "" if mark == "<![CDATA[" else html.escape(mark)
            continue
        if mark == "<![CDATA[":
            yield html.escape(text[position:end])
        position = end + len(CLOSED_BY[mark])
    yield mended(position, len(text))


def _reference(match: re.Match[str], declared: dict[str, str]) -> str:
    """A reference that XML knows, or the character itself; an ampersand that refers to nothing is one."""
    written, name = match[0], match[1]
    if name in KNOWN:
        return written
    if name:
        value = declared[name] if name in declared else html5.get(f"{name};")
        return html.escape(value) if value is not None else f"&amp;{written[1:]}"
    if written == "&":
        return "&amp;"
    return html.escape(NOT_ALLOWED.sub("", html.unescape(written)))


def _as_text(tag: re.Match[str]) -> str:
    return tag[0] if tag[2].lower() in VOCABULARY else f"&lt;{tag[1]}&gt;"


def _without_references(text: str) -> str:
    for written, stand_in in STAND_INS.items():
        text = text.replace(written, stand_in)
    return text.replace("&#x27;", STAND_INS["&apos;"])


def _restore(root: etree._Element | None) -> None:
    for element in () if root is None else root.iter(etree.Element):
        element.text, element.tail = (text and text.translate(MEANT) for text in (element.text, element.tail))
        for name, value in element.attrib.items():
            element.set(name, value.translate(MEANT))


def _read(text: str) -> tuple[etree._Element | None, bool]:
    """The tree, and whether it is what was written; a prefix without a namespace is no error here."""
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True
    )
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None, False
    return root, all(entry.domain == etree.ErrorDomains.NAMESPACE for entry in parser.error_log)

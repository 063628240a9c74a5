"""RSS and Atom in all their versions: lists of addresses, with titles and summaries as text."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from riverline.model import Page, Parsed
from riverline.parsing.charset.decoding import decoded
from riverline.parsing.dates.formats import LATEST_MS, NO_LIMIT, iso, milliseconds
from riverline.parsing.feeds.feed_text import shown
from riverline.parsing.feeds.feed_xml import feed_root
from riverline.parsing.html.links import absolute
from riverline.parsing.html.metadata import clean
from riverline.parsing.language.detection import normal
from riverline.parsing.limits import MAX_SUMMARY, MAX_TEXT, MAX_TITLE

ENTRIES = ("item", "entry")
TITLES = ("title", "dc:title", "atom:title", "itunes:title", "media:title")
SUMMARIES = (
    "description", "summary", "content:encoded", "content", "atom:summary", "atom:content", "dc:description",
    "itunes:summary", "media:description", "itunes:subtitle",
)  # fmt: skip
DATES = (
    "pubdate", "published", "issued", "dc:date", "dcterms:issued", "dcterms:created", "created", "atom:published",
    "date", "updated", "modified", "dcterms:modified", "atom:updated",
)  # fmt: skip
FEED_DATES = ("pubdate", "lastbuilddate", "updated", "modified", "dc:date")
# By their namespaces, without scheme and what ends them: prefixes are for each feed to choose.
PREFIXES = {
    "www.w3.org/2005/atom": "atom",
    "purl.org/atom/ns": "atom",
    "purl.org/dc/elements/1.1": "dc",
    "purl.org/dc/terms": "dcterms",
    "purl.org/rss/1.0/modules/content": "content",
    "search.yahoo.com/mrss": "media",
    "www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
}
XML = "{http://www.w3.org/XML/1998/namespace}"
ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
ALTERNATES = ("alternate", "http://www.iana.org/assignments/relation/alternate")
WEB = ("http://", "https://")

Fields = dict[str, list[etree._Element]]


def parse_feed(page: Page) -> Parsed:
    """A feed: its title and description, the entries' titles and summaries as text, their addresses as links.

    Raises Invalid (`broken_xml`) for what holds no feed.
    """
    root = feed_root(decoded(page.body, page.charset))
    elements = list(root.iter(etree.Element))
    head = next((element for element in elements if _local(element) in ("channel", "feed")), root)
    entries = [element for element in elements if _local(element) in ENTRIES]
    fields, atom = _fields(head), _local(head) == "feed"
    within = [(entry, _fields(entry), _local(entry) == "entry") for entry in entries]
    spoken, region = normal(_text(fields, "language", "dc:language") or head.get(f"{XML}lang") or "")
    return Parsed(
        url=page.key or page.url,
        title=clean(_shown(fields, TITLES, atom, title=True), MAX_TITLE),
        summary=clean(_shown(fields, ("description", "subtitle", "tagline", "itunes:summary"), atom), MAX_SUMMARY),
        text="\n".join(line for _, inner, is_atom in within for line in _lines(inner, is_atom))[:MAX_TEXT],
        kind="feed",
        language=spoken,
        region=region,
        published=_newest([_text(inner, *DATES) for _, inner, _ in within], page)
        or _newest([_text(fields, name) for name in FEED_DATES], page),
        links=tuple(dict.fromkeys(link for entry, inner, _ in within if (link := _address(entry, inner, page.url)))),
    )


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2].rpartition(":")[2].lower()


def _fields(element: etree._Element) -> Fields:
    """The children by their names: bare ones of the vocabulary that the element itself is of, `dc:title` of others."""
    own = _namespace(element)
    found: Fields = {}
    for child in element.iterchildren(etree.Element):
        found.setdefault(_name(child, own), []).append(child)
    for group in found.get("media:group", []):
        for child in group.iterchildren(etree.Element):
            found.setdefault(_name(child, own), []).append(child)
    return found


def _name(element: etree._Element, own: str) -> str:
    namespace, local = _namespace(element), str(element.tag).rpartition("}")[2].lower()
    if not namespace or namespace == own:
        return local  # with its prefix, where the feed does not say what that stands for
    known = namespace.lower().partition("://")[2].rstrip("/#")
    prefix = PREFIXES.get(known) or (element.prefix or "").lower()
    return f"{prefix}:{local}" if prefix else local


def _namespace(element: etree._Element) -> str:
    return str(element.tag)[1:].rpartition("}")[0]


def _text(fields: Fields, *names: str) -> str:
    """The first text that an element of one of the names holds, in the order of the names."""
    texts = ("".join(element.itertext()).strip() for name in names for element in fields.get(name, []))
    return next((text for text in texts if text), "")


def _shown(fields: Fields, names: tuple[str, ...], atom: bool, title: bool = False) -> str:
    """The same as it is shown. Only Atom's own elements say how they are written."""
    texts = (
        shown(element, (atom and ":" not in name) or name.startswith("atom:"), title)
        for name in names
        for element in fields.get(name, [])
    )
    return next((text for text in texts if text), "")


def _lines(fields: Fields, atom: bool) -> Iterator[str]:
    yield clean(_shown(fields, TITLES, atom, title=True), MAX_TITLE)
    if summary := clean(_shown(fields, SUMMARIES, atom), MAX_SUMMARY):
        yield summary


def _newest(written: list[str], page: Page) -> str:
    """The latest date that is not after the fetch."""
    latest = page.fetched_at + LATEST_MS if page.fetched_at else NO_LIMIT
    read = [(at, date) for text in written if (date := iso(text)) and (at := milliseconds(date, latest)) is not None]
    return max(read)[1] if read else ""


def _address(entry: etree._Element, fields: Fields, url: str) -> str:
    """An entry's address: RSS's link, Atom's alternate one (the HTML of several), or an id that is an address."""
    own, foreign = fields.get("link", []), fields.get("atom:link", [])
    for link in (*(link for link in own if not link.get("href")), *_alternates(own), *_alternates(foreign)):
        written = link.get("href") or "".join(link.itertext())
        if address := absolute(_unescaped(written), _base(link, url)):
            return address
    for content in fields.get("content", []):  # of an entry whose text is elsewhere (RFC 4287, 4.1.3.2)
        if address := absolute(_unescaped(content.get("src") or ""), _base(content, url)):
            return address
    guids = (guid.text or "" for guid in fields.get("guid", []) if _is_permalink(guid))
    for identity in (*guids, _text(fields, "id"), entry.get(ABOUT) or ""):
        if identity.strip().lower().startswith(WEB) and (address := absolute(_unescaped(identity), url)):
            return address
    return ""


def _alternates(links: list[etree._Element]) -> list[etree._Element]:
    found = [link for link in links if link.get("href") and link.get("rel", "alternate").strip().lower() in ALTERNATES]
    return sorted(found, key=lambda link: "html" not in link.get("type", "text/html").lower())


def _is_permalink(guid: etree._Element) -> bool:
    said = {name.lower(): value for name, value in guid.attrib.items() if isinstance(name, str)}
    return str(said.get("ispermalink", "true")).strip().lower() != "false"


def _unescaped(address: str) -> str:
    """An address as it was meant: `&amp;` in one was escaped once too often, and line ends in it are layout."""
    return "".join(address.replace("&amp;", "&").split("\n")).strip()


def _base(element: etree._Element, url: str) -> str:
    """What relative addresses start from: the feed's address, and each `xml:base` from the outside in."""
    bases = [base for holder in (element, *element.iterancestors()) if (base := holder.get(f"{XML}base"))]
    for base in reversed(bases):
        url = absolute(base, url) or url
    return url

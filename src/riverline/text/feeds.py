"""RSS, Atom and sitemaps: lists of addresses, read with entities, network and huge trees switched off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin

from lxml import etree

from riverline.errors import Invalid
from riverline.model import Page, Parsed

from .charset import decoded
from .dates import iso
from .language import normal
from .limits import MAX_SITEMAP_LINKS, MAX_SUMMARY, MAX_TEXT, MAX_TITLE
from .metadata import clean

MARKUP = re.compile(r"<[^<>]{0,2000}>")
PROLOG = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
ENTRIES = ("item", "entry")


def parse_feed(page: Page) -> Parsed:
    """A feed: its title and description, the entries' titles and summaries as text, their addresses as links."""
    root = _root(page)
    head = next((element for element in root.iter() if _name(element) in ("channel", "feed")), root)
    entries = [element for element in root.iter() if _name(element) in ENTRIES]
    written = [
        iso(text) for entry in entries for text in [_text(entry, "pubdate", "published", "updated", "date")] if text
    ]
    dates = sorted(date for date in written if date)
    return Parsed(
        url=page.key or page.url,
        title=clean(_text(head, "title"), MAX_TITLE),
        summary=clean(_plain(_text(head, "description", "subtitle")), MAX_SUMMARY),
        text="\n".join(_lines(entries))[:MAX_TEXT],
        kind="feed",
        language=normal(_text(head, "language") or head.get(XML_LANG) or "")[0],
        region=normal(_text(head, "language") or head.get(XML_LANG) or "")[1],
        published=dates[-1] if dates else iso(_text(head, "pubdate", "lastbuilddate", "updated")),
        links=tuple(dict.fromkeys(link for entry in entries if (link := _address(entry, page.url)))),
    )


def parse_sitemap(page: Page) -> Parsed:
    """A sitemap or a sitemap index: its addresses as links."""
    root = _root(page)
    found = (text for element in root.iter() if _name(element) == "loc" and (text := (element.text or "").strip()))
    links = dict.fromkeys(link for link in found if link.startswith(("http://", "https://")))
    return Parsed(url=page.key or page.url, kind="sitemap", links=tuple(links)[:MAX_SITEMAP_LINKS])


XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def _root(page: Page) -> etree._Element:
    text = PROLOG.sub("", decoded(page.body, page.charset), count=1)
    # Not read from the network, no document type loaded, no entity expanded: what the body holds is all there is.
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=True,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Invalid(f"the XML cannot be read: {error}", reason="broken_xml") from error
    if root is None:
        raise Invalid("the XML holds no element", reason="broken_xml")
    return root


def _name(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def _text(element: etree._Element, *names: str) -> str:
    """The text of the first child with one of the names, in the order of the names."""
    children: dict[str, etree._Element] = {}
    for child in element:
        children.setdefault(_name(child), child)
    return next(
        (text for name in names if name in children and (text := "".join(children[name].itertext()).strip())), ""
    )


def _plain(text: str) -> str:
    return MARKUP.sub(" ", text)


def _lines(entries: list[etree._Element]) -> Iterator[str]:
    for entry in entries:
        yield clean(_plain(_text(entry, "title")), MAX_TITLE)
        if summary := clean(_plain(_text(entry, "description", "summary", "encoded", "content")), MAX_SUMMARY):
            yield summary


def _address(entry: etree._Element, base: str) -> str:
    """An entry's address: Atom's alternate link, RSS's link, or a guid that is an address."""
    links = [child for child in entry if _name(child) == "link"]
    hrefs = [
        link.get("href") or "" for link in links if link.get("rel", "alternate") == "alternate" and link.get("href")
    ]
    about = entry.get("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about") or ""
    for address in (*hrefs, *((link.text or "").strip() for link in links), about, _text(entry, "guid", "id")):
        try:
            joined = urljoin(base, address) if address else ""
        except ValueError:
            continue
        if joined.startswith(("http://", "https://")):
            return joined
    return ""

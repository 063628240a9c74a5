"""What an element of a feed shows: its text, with markup and references decoded as often as they were encoded."""

from __future__ import annotations

import html
import re
from copy import deepcopy

from lxml import etree
from selectolax.lexbor import LexborHTMLParser

from riverline.parsing.feeds.feed_xml import REFERENCE
from riverline.parsing.html.block_outline import outline

LONGEST = 8_000  # characters of HTML that are read: a summary needs fewer
HIDDEN = ["script", "style", "noscript", "template", "iframe", "svg"]
PLAIN_TYPES = ("", "text", "text/plain")
# A title of RSS may be text or HTML: it is HTML where something in it is closed, or needs no closing.
CLOSED = re.compile(r"</[a-z][a-z0-9]{0,10}\s{0,9}>|<(?:br|img|wbr)(?=[\s/>])", re.I)


def shown(element: etree._Element, atom: bool, title: bool = False) -> str:
    """The text of an element: Atom says how it is written (RFC 4287, 3.1), RSS leaves it open."""
    if len(element):
        return of_html(_inner(element))
    text = (element.text or "").strip()
    if atom and element.get("mode") != "escaped" and element.get("type", "").lower() in PLAIN_TYPES:
        return text
    if title and not atom and not CLOSED.search(text):
        return decoded_once(text)
    return of_html(text)


def of_html(text: str) -> str:
    """A piece of HTML as a reader sees it, on one line."""
    if "<" not in text:
        return decoded_once(text)
    tree = LexborHTMLParser(text[:LONGEST])
    tree.strip_tags(HIDDEN, recursive=True)
    return " ".join(run.text for run in outline(tree.root).runs) if tree.root else ""


def decoded_once(text: str) -> str:
    """References as their characters; an ampersand that ends in no semicolon is one."""
    return REFERENCE.sub(lambda match: html.unescape(match[0]), text) if "&" in text else text


def _inner(element: etree._Element) -> str:
    """The elements within one, as HTML."""
    copy = deepcopy(element)
    for inner in copy.iter(etree.Element):
        inner.tag = etree.QName(inner).localname.rpartition(":")[2]
        if inner.text is None and not len(inner):
            inner.text = ""  # HTML knows no `<a/>`
    return html.escape(copy.text or "") + "".join(etree.tostring(inner, encoding="unicode") for inner in copy)

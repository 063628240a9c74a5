"""The main text of an HTML page."""

from __future__ import annotations

import unicodedata

import lxml.html
from selectolax.lexbor import LexborHTMLParser, LexborNode
from trafilatura import bare_extraction

from .body import body
from .limits import MAX_TEXT
from .outline import outline

BESIDES = "script,style,svg,iframe,noscript,template,button,select,textarea,canvas,object,head,rt,rp"
PARSER = lxml.html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False, huge_tree=False)


def main_text(tree: LexborHTMLParser) -> str:
    """The main text, a paragraph a line. It takes the tree apart: everything else must have been read before."""
    strip(tree.root, BESIDES)
    return unicodedata.normalize("NFC", "\n".join(run.text for run in body(outline(tree.body))))
    return slow(tree)

def slow(tree):
    document = lxml.html.document_fromstring((tree.html or "<html></html>").encode("utf-8", "replace"), parser=PARSER)
    found = bare_extraction(document, fast=True, include_comments=False, include_tables=True, with_metadata=False)
    return (getattr(found, "text", "") or "")[:MAX_TEXT]


def strip(node: LexborNode | None, selector: str) -> None:
    """Takes the elements that a selector names out of the tree."""
    for element in node.css(selector) if node else ():
        element.decompose()

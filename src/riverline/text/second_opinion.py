"""The slow path: trafilatura's extraction, for pages in which the outline's reading found next to nothing."""

from __future__ import annotations

import logging

import lxml.html

from .limits import MAX_TEXT

SHORT = 200  # characters of main text below which a second opinion is asked for
LONGEST = 1_000_000  # characters of a page that is read a second time
PARSER = lxml.html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False, huge_tree=False)


def second_opinion(html: str, first: str) -> str:
    """The longer one of `first` and of what trafilatura finds. Pages that hide their text in templates or leave an
    element open that swallows it are read well by its laxer parser."""
    if len(first) >= SHORT or len(html) > LONGEST:
        return first
    from trafilatura import bare_extraction

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    try:
        document = lxml.html.document_fromstring(html.encode("utf-8", "replace"), parser=PARSER)
        found = bare_extraction(document, fast=True, include_comments=False, with_metadata=False)
    except (ValueError, AssertionError, lxml.etree.LxmlError):  # lxml on a page without any element
        return first
    text = (getattr(found, "text", "") or "")[:MAX_TEXT]
    return text if len(text) > len(first) else first

"""The slow path: trafilatura's extraction, for pages in which the outline's reading found next to nothing."""

from __future__ import annotations

import logging

import lxml.html

from .lax import lax_tree
from .limits import MAX_TEXT

SHORT = 200  # characters of main text below which a second opinion is asked for
MAX_STEPS = 300_000  # from all elements up to the root: pages of the web take 20 000, and a tenth of a second


def second_opinion(html: str, first: str) -> str:
    """The longer one of `first` and of what trafilatura finds. Pages that hide their text in templates, or leave an
    element open that swallows it, are read well by its laxer parser."""
    tree = lax_tree(html) if len(first) < SHORT else None
    if tree is None or not _shallow(tree):
        return first
    from trafilatura import bare_extraction

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    try:
        found = bare_extraction(tree, fast=True, include_comments=False, with_metadata=False)
    except (ValueError, TypeError, AttributeError, AssertionError):  # it trips over control characters and odd trees
        return first
    text = (getattr(found, "text", "") or "")[:MAX_TEXT]
    return text if len(text) > len(first) else first


def _shallow(tree: lxml.html.HtmlElement) -> bool:
    """Whether the elements stand few enough steps below the root. The extraction reads what is in an element anew at
    each element around it, so that many deep ones would take it minutes."""
    steps, depth, level = 0, 0, [tree]
    while level and steps <= MAX_STEPS:
        steps += depth * len(level)
        depth, level = depth + 1, [child for element in level for child in element]
    return steps <= MAX_STEPS

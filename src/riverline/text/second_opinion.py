"""The slow path: trafilatura's extraction, for pages in which the outline's reading found next to nothing."""

from __future__ import annotations

import logging

from .lax import lax_tree
from .limits import MAX_TEXT

SHORT = 200  # characters of main text below which a second opinion is asked for


def second_opinion(html: str, first: str) -> str:
    """The longer one of `first` and of what trafilatura finds. Pages that hide their text in templates, or leave an
    element open that swallows it, are read well by its laxer parser."""
    tree = lax_tree(html) if len(first) < SHORT else None
    if tree is None:
        return first
    from trafilatura import bare_extraction

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    try:
        found = bare_extraction(tree, fast=True, include_comments=False, with_metadata=False)
    except (ValueError, TypeError, AttributeError, AssertionError):  # it trips over control characters and odd trees
        return first
    text = (getattr(found, "text", "") or "")[:MAX_TEXT]
    return text if len(text) > len(first) else first

"""The slow path: trafilatura's extraction, for pages in which the outline's reading found next to nothing."""

from __future__ import annotations

import logging
import re

import lxml.etree
import lxml.html

from riverline.parsing.html.block_outline import BLOCK_STYLE, INLINE, weight
from riverline.parsing.html.lxml_tree import LaxPage, writable
from riverline.parsing.html.main_region import SHORT
from riverline.parsing.limits import MAX_TEXT
from riverline.parsing.notes import without_notes

SENTENCE_END = re.compile(r"[.!?…。！？](?=[\s\"'”’»)\]]|$)")
MAX_STEPS = 300_000  # from all elements up to the root: pages of the web take 20 000, and a tenth of a second


def second_opinion(page: LaxPage, first: str, title: str = "", apart: frozenset[str] = frozenset()) -> str:
    """The longer one of `first` and of what trafilatura finds, without the page's title above it and without the lines
    that are `apart`. Pages that hide their text in templates, or leave an element open that swallows it, are read well
    by its laxer parser."""
    tree = page.tree() if is_short(first) else None
    if tree is None or not _shallow(tree):
        return first
    _part_blocks(tree)
    from trafilatura import bare_extraction

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    try:
        found = bare_extraction(tree, fast=True, include_comments=False, with_metadata=False)
    except (ValueError, TypeError, AttributeError, AssertionError):  # it trips over control characters and odd trees
        return first
    text = without_notes((getattr(found, "text", "") or "")[:MAX_TEXT])
    if first and text.startswith(f"{title}\n"):
        text = text.removeprefix(f"{title}\n")
    if apart:
        text = "\n".join(line for line in text.split("\n") if line.removeprefix("- ").strip() not in apart)
    return text if len(text) > len(first) and not _adds_labels(text, first) else first


def _adds_labels(text: str, first: str) -> bool:
    """Whether a text is another one and beside it nothing that is a sentence: names, counters, the title."""
    if not first:
        return False
    rest = text
    for line in first.split("\n"):
        before, found, after = rest.partition(line)
        if not found:
            return False
        rest = f"{before} {after}"
    return not SENTENCE_END.search(rest)


def _part_blocks(tree: lxml.html.HtmlElement) -> None:
    """Puts spaces around blocks that stand in a line, which the extraction would run together with what is beside."""
    for element in tree.iter(lxml.etree.Element):
        style, around = element.get("style"), element.getparent()
        in_line = around is not None and (around.tag in INLINE or around.tag == "p")
        if (style and BLOCK_STYLE.search(style)) or (in_line and element.tag not in INLINE):
            element.text, element.tail = writable(f" {element.text or ''}"), writable(f" {element.tail or ''}")


def is_short(text: str) -> bool:
    """Whether a main text is so short that the second reader is asked."""
    return len(text) < SHORT and weight(text) < SHORT


def _shallow(tree: lxml.html.HtmlElement) -> bool:
    """Whether the elements stand few enough steps below the root. The extraction reads what is in an element anew at
    each element around it, so that many deep ones would take it minutes."""
    steps, depth, level = 0, 0, [tree]
    while level and steps <= MAX_STEPS:
        steps += depth * len(level)
        depth, level = depth + 1, [child for element in level for child in element]
    return steps <= MAX_STEPS

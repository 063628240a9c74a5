"""A page as libxml2 reads it, for the libraries that work on its trees. It is slower and laxer than the first parser,
and cuts off what is nested more than 256 deep."""

from __future__ import annotations

import re
from copy import deepcopy

import lxml.etree
import lxml.html

LONGEST = 1_000_000  # characters of a page that is read
LONGEST_ATTRIBUTE = 4_000  # libxml2 writes addresses out in time that grows with the square of their length
PARSER = lxml.html.HTMLParser(encoding="utf-8", collect_ids=False, huge_tree=False)
# All elements alike: by its own look-up, which is Python, the library would ask for the class of each.
PARSER.set_element_class_lookup(
    lxml.etree.ElementDefaultClassLookup(
        element=lxml.html.HtmlElement,
        comment=lxml.html.HtmlComment,
        pi=lxml.html.HtmlProcessingInstruction,
        entity=lxml.html.HtmlEntity,
    )
)
CONTROLS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]+"
)  # libxml2 reads them of references, lxml refuses them
LONG_ATTRIBUTES = lxml.etree.XPath(f"//@*[string-length() > {LONGEST_ATTRIBUTE}]")


def lax_tree(html: str) -> lxml.html.HtmlElement | None:
    """The tree of a page; None for one that is too long, and for one in which libxml2 finds no element."""
    if len(html) > LONGEST:
        return None
    try:
        tree = lxml.html.document_fromstring(html.encode("utf-8", "replace"), parser=PARSER)
    except (lxml.etree.LxmlError, ValueError):
        return None
    for value in LONG_ATTRIBUTES(tree):
        del value.getparent().attrib[value.attrname]
    return tree


def writable(text: str) -> str:
    """A text of a tree as it may be written into one: controls, which references can name, are spaces."""
    return CONTROLS.sub(" ", text)


class LaxPage:
    """A page whose lax tree may be asked for by two who take it apart: it is parsed once at most."""

    def __init__(self, html: str, twice: bool = False) -> None:
        self.html = html
        self._twice = twice  # whether a second one will ask
        self._tree: lxml.html.HtmlElement | None = None
        self._parsed = False

    def tree(self) -> lxml.html.HtmlElement | None:
        """A tree of the caller's own; None as in `lax_tree`."""
        if not self._parsed:
            self._tree, self._parsed = lax_tree(self.html), True
        return deepcopy(self._tree) if self._twice and self._tree is not None else self._tree

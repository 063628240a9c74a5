"""The elements of a page that are looked for by their names again and again: found by one search of the tree. A search
for one name takes nearly as long as one for all of these."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser, LexborNode

NAMES = ("base", "title", "h1", "h2", "h3", "meta", "style", "script")


class Named:
    """The elements of a tree with one of those names, as long as the tree is whole."""

    def __init__(self, tree: LexborHTMLParser) -> None:
        self._found = [(node.tag, node) for node in tree.css(",".join(NAMES))]

    def of(self, *names: str) -> list[LexborNode]:
        """Those with one of these names, in document order."""
        return [node for name, node in self._found if name in names]

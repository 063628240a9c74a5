"""A page as a flat outline: its block elements and the runs of text in them, in document order, found in one walk.

Elements are numbered in document order, so what an element contains are the numbers from its own to its `end`. Totals
are added up from the last element to the first: no recursion, whatever the depth.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from selectolax.lexbor import LexborNode

INLINE = frozenset(
    (
        "a", "abbr", "acronym", "area", "audio", "b", "bdi", "bdo", "big", "cite", "code", "data", "dfn", "em", "font",
        "i", "img", "input", "ins", "kbd", "label", "link", "mark", "math", "meta", "nobr", "noindex", "param",
        "picture", "q", "rp", "rt", "ruby", "s", "samp", "small", "source", "span", "strike", "strong", "sub", "sup",
        "time", "track", "tt", "u", "var", "video", "wbr",
    )
)  # fmt: skip
TERMINAL = re.compile(r"[.!?…。！？](?:[\"'”’»)\]]|\s)*$")
PROSE = 70  # characters of a run from which on it counts as prose
PROSE_SENTENCE = 40  # the same where it ends as sentences do
LINKED = 0.4  # share of link text up to which a run can be prose
SOFT_HYPHEN = "\xad"


@dataclass(slots=True)
class Element:
    """A block element: what it is called, and the sums over the runs in it (characters)."""

    tag: str
    name: str  # class and id in one, as written
    parent: int  # the number of the element around it, -1 for the outermost
    hidden: bool = False
    end: int = 0  # the number of the first element after it
    text: int = 0
    linked: int = 0
    prose: int = 0


@dataclass(slots=True)
class Run:
    """Text without a block boundary in it."""

    owner: int  # the number of its element
    parts: list[str] = field(default_factory=list)
    text: str = ""
    linked: int = 0  # characters that stand in links
    prose: bool = False


@dataclass(slots=True)
class Outline:
    elements: list[Element]
    runs: list[Run]

    def ancestors(self, number: int) -> list[int]:
        """An element and all that it stands in, innermost first."""
        found = []
        while number >= 0:
            found.append(number)
            number = self.elements[number].parent
        return found


def outline(root: LexborNode) -> Outline:
    """The outline of what stands under `root`."""
    walk = _Walk(root)
    for node in root.traverse(include_text=True):
        tag = node.tag or ""
        if tag == "-text":
            walk.text(node)
        else:
            walk.element(node, tag)
    for run in walk.runs:
        _finish(run, walk.elements)
    _sum_up(walk.elements)
    _set_ends(walk.elements)
    return Outline(walk.elements, walk.runs)


class _Walk:
    """What the walk has met so far."""

    def __init__(self, root: LexborNode) -> None:
        self.elements = [Element(root.tag or "", "", -1)]
        self.runs: list[Run] = []
        # Which block element a node stands in, and whether inside a link; nodes are told apart by their address.
        self.owners: dict[int, tuple[int, bool]] = {root.mem_id: (0, False)}
        self.root = root.mem_id
        self.broken = True  # whether the next text begins a run
        self.breaks = 0  # line breaks since the last text

    def _place(self, node: LexborNode) -> tuple[int, bool]:
        parent = node.parent
        return self.owners.get(parent.mem_id, (0, False)) if parent else (0, False)

    def text(self, node: LexborNode) -> None:
        content = node.text_content or ""
        blank = not content or content.isspace()
        if blank and (self.broken or not content):
            return
        owner, in_link = self._place(node)
        goes_on = not self.broken and bool(self.runs) and self.runs[-1].owner == owner
        if blank:
            if goes_on:
                self.runs[-1].parts.append(" ")
            return
        if not goes_on:
            self.runs.append(Run(owner))
            self.broken = False
        self.breaks = 0
        self.runs[-1].parts.append(content)
        if in_link:
            self.runs[-1].linked += len(content)

    def element(self, node: LexborNode, tag: str) -> None:
        if tag == "br":
            self._break()
            return
        owner, in_link = self._place(node)
        if tag in INLINE:
            self.owners[node.mem_id] = (owner, in_link or tag == "a")
        elif node.mem_id != self.root:
            attributes = node.attributes
            name = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
            self.elements.append(Element(tag, name, owner, _hidden(attributes)))
            self.owners[node.mem_id] = (len(self.elements) - 1, in_link)
            self.broken = True

    def _break(self) -> None:
        """A line break; two in a row end a paragraph."""
        self.breaks += 1
        if self.breaks > 1:
            self.broken = True
        elif self.runs and not self.broken:
            self.runs[-1].parts.append("\n")


def _hidden(attributes: dict[str, str | None]) -> bool:
    if not attributes:
        return False
    if "hidden" in attributes or attributes.get("aria-hidden") == "true":
        return True
    style = attributes.get("style")
    return style is not None and "display:none" in style.replace(" ", "")


def _finish(run: Run, elements: list[Element]) -> None:
    owner = elements[run.owner]
    run.text = _joined(run.parts, owner.tag)
    run.parts = []
    length = len(run.text)
    run.linked = min(run.linked, length)
    run.prose = run.linked <= LINKED * length and _is_long(run.text, length)
    owner.text += length
    owner.linked += run.linked
    owner.prose += length if run.prose else 0


def _is_long(text: str, length: int) -> bool:
    return length >= PROSE or (length >= PROSE_SENTENCE and TERMINAL.search(text, length - 10) is not None)


def _joined(parts: list[str], tag: str) -> str:
    """The text of a run: white space made one, `br` as line ends, preformatted text as it is."""
    text = "".join(parts).replace(SOFT_HYPHEN, "")
    if tag == "pre":
        return text.strip("\n")
    if "\n" not in parts:
        return " ".join(text.split())
    # A part that is a single line end was a `br`; line ends inside other parts are only how the source was wrapped.
    lines = "".join(part if part == "\n" else part.replace("\n", " ") for part in parts).replace(SOFT_HYPHEN, "")
    return "\n".join(line for raw in lines.split("\n") if (line := " ".join(raw.split())))


def _sum_up(elements: list[Element]) -> None:
    for number in range(len(elements) - 1, 0, -1):
        element = elements[number]
        parent = elements[element.parent]
        parent.text += element.text
        parent.linked += element.linked
        parent.prose += element.prose


def _set_ends(elements: list[Element]) -> None:
    """Sets where each element ends: where the next begins that does not stand in it."""
    open_elements: list[int] = []
    for number, element in enumerate(elements):
        while open_elements and open_elements[-1] != element.parent:
            elements[open_elements.pop()].end = number
        open_elements.append(number)
    for number in open_elements:
        elements[number].end = len(elements)

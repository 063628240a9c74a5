"""A page as a flat outline: its block elements and the runs of text in them, in document order, found in one walk.

Elements are numbered in document order, so what an element contains are the numbers from its own to its `end`. Totals
are added up from the last element to the first: no recursion, whatever the depth.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from selectolax.lexbor import LexborNode

from riverline.parsing.html.not_shown import UNSHOWN, is_not_shown

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
BLOCK_STYLE = re.compile(
    r"(?:^|[;\s])display\s*:\s*(?:block|flex|grid|table|list-item|flow-root|-webkit-(?:box|flex)|-ms-(?:flexbox|grid))",
    re.I,
)
# Where elements stand that are not shown, or shown as blocks.
STYLED = ",".join(
    [
        *(
            '[style*="display" i]',
            *(f'[style*="{word}" i]' for word in ("visibility", "opacity", ":-", ": -", "clip", "1px")),
            "[hidden]",
            "[aria-hidden=true]",
            "span[class*=caption i]",
        ),
        *(f".{name}" for name in sorted(UNSHOWN)),
    ]
)
# What an element is by its role, whatever it is called.
ROLES = {
    "dialog": "dialog", "alertdialog": "dialog", "navigation": "nav", "complementary": "aside", "contentinfo": "footer",
    "main": "main", "search": "form", "marquee": "marquee",
}  # fmt: skip
LONGEST_LINE = 300  # characters of a part of a line that a style sheet hides; more is a whole page in a `span`
NOWHERE = -1  # the place of what is not shown
SOFT_HYPHEN = "\xad"


DENSE = re.compile("[\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u9fff\uac00-\ud7a3]")


def weight(text: str) -> int:
    """How much a text says, in characters of Latin script: Korean, Chinese and Japanese need half as many."""
    return len(text) if text.isascii() else len(text) + len(DENSE.findall(text))


@dataclass(slots=True)
class Element:
    """A block element: what it is called, and the sums over the runs in it (characters)."""

    tag: str  # what it is by its role, else by its name
    name: str  # class and id in one, as written
    parent: int  # the number of the element around it, -1 for the outermost
    hidden: bool = False
    end: int = 0  # the number of the first element after it
    text: int = 0
    linked: int = 0
    prose: int = 0
    runs: int = 0


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
    prose: list[Run] = field(init=False)  # those of the runs that are

    def __post_init__(self) -> None:
        self.prose = [run for run in self.runs if run.prose]

    def ancestors(self, number: int) -> list[int]:
        """An element and all that it stands in, innermost first."""
        found = []
        while number >= 0:
            found.append(number)
            number = self.elements[number].parent
        return found


def outline(root: LexborNode, hidden: str = "") -> Outline:
    """The outline of what stands under `root`; `hidden` is a selector of what style sheets hide."""
    elements, runs = _walked(root, hidden)
    for run in runs:
        _finish(run, elements)
    _sum_up(elements)
    return Outline(elements, runs)


def _walked(root: LexborNode, sheets: str) -> tuple[list[Element], list[Run]]:
    """The elements and runs as the walk meets them. It is one loop, for it sees every node of every page."""
    elements, runs = [Element(root.tag or "", "", -1)], list[Run]()
    blocks, unshown, hidden = _styled(root, sheets)
    # Where what stands in a node belongs: twice the number of its block element, one more inside of a link. Nodes are
    # told apart by their address.
    places = {root.mem_id: 0}
    run: Run | None = None  # the one that goes on
    breaks = 0  # line breaks since its last text
    for node in root.traverse(include_text=True):
        content = (node.text_content or "") if node.is_text_node else None
        blank = content is not None and (not content or content.isspace())
        if blank and run is None:
            continue  # between blocks: half of all texts
        place = places.get(parent.mem_id, 0) if (parent := node.parent) else 0
        if content is not None:
            if place == NOWHERE:
                continue
            if blank:
                if content and run is not None and run.owner == place >> 1:
                    run.parts.append(" ")
                continue
            if run is None or run.owner != place >> 1:
                run = Run(place >> 1)
                runs.append(run)
            run.parts.append(content)
            run.linked += len(content) if place & 1 else 0
            breaks = 0
        elif (tag := node.tag or "") == "br":
            breaks += 1
            if breaks > 1:  # two in a row end a paragraph
                run = None
            elif run is not None:
                run.parts.append("\n")
        elif tag in INLINE and (at := node.mem_id) not in blocks:
            places[at] = NOWHERE if at in unshown else place | (tag == "a")
        elif place == NOWHERE:  # a block in a part of a line that is not shown
            places[node.mem_id] = NOWHERE
        elif (at := node.mem_id) != root.mem_id:
            inner = elements[place >> 1].tag if tag in INLINE else tag
            places[at] = len(elements) * 2 + (place & 1)
            elements.append(_element(node, inner, place >> 1, at in hidden))
            run = None
    return elements, runs


def _styled(root: LexborNode, sheets: str) -> tuple[set[int], set[int], set[int]]:
    """The nodes that a style makes blocks; those not shown; and these with those hidden from screen readers."""
    blocks, unshown, hidden = set(), set(), set()
    for node in root.css(STYLED):
        attributes = node.attributes
        if is_not_shown(node, attributes):
            unshown.add(node.mem_id)
        elif attributes.get("aria-hidden") == "true":
            hidden.add(node.mem_id)
        elif (style := attributes.get("style")) and BLOCK_STYLE.search(style):
            blocks.add(node.mem_id)
    for node in root.css(sheets) if sheets else ():
        if node.tag not in INLINE or len(node.text() or "") <= LONGEST_LINE:
            unshown.add(node.mem_id)
    return blocks, unshown, hidden | unshown


def _element(node: LexborNode, tag: str, parent: int, hidden: bool) -> Element:
    attributes = node.attributes
    if not attributes:
        return Element(tag, tag if "-" in tag else "", parent)
    called, name = attributes.get("class") or "", attributes.get("id")
    if name:
        called = f"{called} {name}"
    if "-" in tag:
        called = f"{called} {tag}"
    if "role" in attributes or "aria-modal" in attributes:
        tag = "dialog" if attributes.get("aria-modal") == "true" else ROLES.get(attributes.get("role") or "", tag)
    return Element(tag, called, parent, hidden)


def _finish(run: Run, elements: list[Element]) -> None:
    owner = elements[run.owner]
    run.text = _joined(run.parts, owner.tag)
    run.parts = []
    length = len(run.text)
    run.linked = min(run.linked, length)
    run.prose = run.linked <= LINKED * length and _is_long(run.text, length)
    owner.runs += 1
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
    """Adds what stands in elements to those around them, and sets where each ends: where the next begins that does not
    stand in it."""
    for number in range(len(elements) - 1, 0, -1):
        element = elements[number]
        end = element.end = element.end or number + 1
        parent = elements[element.parent]
        parent.end = parent.end or end
        parent.text += element.text
        parent.linked += element.linked
        parent.prose += element.prose
        parent.runs += element.runs
    elements[0].end = elements[0].end or 1

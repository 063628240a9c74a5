"""A page as a flat outline: its block elements and the runs of text in them, in document order, found in one walk.

Elements are numbered in document order, so what an element contains are the numbers from its own to its `end`. Totals are
added up from the last element to the first: no recursion, whatever the depth.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from selectolax.lexbor import LexborNode

INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data dfn em font i img ins kbd label mark math picture q rp rt ruby s samp small "
    "source span strike meta link input area param track video audio strong sub sup time tt u var wbr nobr noindex".split()
)
TERMINAL = re.compile(r"[.!?…。！？](?:[\"'”’»)\]]|\s)*$")
PROSE = 70  # characters of a run from which on it counts as prose
PROSE_SENTENCE = 40  # the same where it ends as sentences do
LINKED = 0.4  # share of link text from which on a run is no prose


@dataclass(slots=True)
class Element:
    """A block element: what it is called, and the sums over the runs in it (characters)."""

    tag: str
    name: str  # class and id in one, as written
    parent: int
    end: int = 0  # number of the first element after it
    text: int = 0
    linked: int = 0
    prose: int = 0
    hidden: bool = False


@dataclass(slots=True)
class Run:
    """Text without a block boundary in it."""

    owner: int
    parts: list[str] = field(default_factory=list)
    text: str = ""
    linked: int = 0
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
    elements = [Element(root.tag or "", "", -1)]
    runs: list[Run] = []
    owners: dict[int, tuple[int, bool]] = {root.mem_id: (0, False)}  # node -> block element, whether inside a link
    broken, breaks = True, 0
    for node in root.traverse(include_text=True):
        tag = node.tag
        if tag == "-text":
            content = node.text_content or ""
            if not content:
                continue
            parent = node.parent
            owner, in_link = owners.get(parent.mem_id, (0, False)) if parent else (0, False)
            blank = content.isspace()
            if blank:
                if runs and not broken and runs[-1].owner == owner:
                    runs[-1].parts.append(" ")
                continue
            if broken or not runs or runs[-1].owner != owner:
                runs.append(Run(owner))
                broken = False
            breaks = 0
            run = runs[-1]
            run.parts.append(content)
            if in_link:
                run.linked += len(content)
            continue
        parent = node.parent
        owner, in_link = owners.get(parent.mem_id, (0, False)) if parent else (0, False)
        if tag == "br":
            breaks += 1
            if breaks > 1:
                broken = True
            elif runs and not broken:
                runs[-1].parts.append("\n")
        elif tag in INLINE:
            owners[node.mem_id] = (owner, in_link or tag == "a")
        elif node.mem_id != root.mem_id:
            attributes = node.attributes
            name = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
            elements.append(Element(tag or "", name, owner, hidden=_hidden(attributes)))
            owners[node.mem_id] = (len(elements) - 1, in_link)
            broken = True
    _finish(elements, runs)
    return Outline(elements, runs)


def _hidden(attributes: dict[str, str | None]) -> bool:
    style = attributes.get("style")
    return "hidden" in attributes or attributes.get("aria-hidden") == "true" or (bool(style) and "display:none" in style.replace(" ", ""))  # type: ignore[union-attr]


def _finish(elements: list[Element], runs: list[Run]) -> None:
    for run in runs:
        run.text = _joined(run.parts, elements[run.owner].tag)
        run.parts = []
        length = len(run.text)
        run.linked = min(run.linked, length)
        run.prose = run.linked <= LINKED * length and (length >= PROSE or (length >= PROSE_SENTENCE and TERMINAL.search(run.text) is not None))
        owner = elements[run.owner]
        owner.text += length
        owner.linked += run.linked
        owner.prose += length if run.prose else 0
    for number in range(len(elements) - 1, 0, -1):
        element, parent = elements[number], elements[elements[number].parent]
        parent.text += element.text
        parent.linked += element.linked
        parent.prose += element.prose
    _ends(elements)


def _ends(elements: list[Element]) -> None:
    """Sets where each element ends: where the next begins that does not stand in it."""
    open_elements: list[int] = []
    for number, element in enumerate(elements):
        while open_elements and open_elements[-1] != element.parent:
            elements[open_elements.pop()].end = number
        open_elements.append(number)
    for number in open_elements:
        elements[number].end = len(elements)


def _joined(parts: list[str], tag: str) -> str:
    text = "".join(parts).replace("\xad", "")
    if tag == "pre":
        return text.strip("\n")
    if "\n" not in parts:
        return " ".join(text.split())
    # A part that is a single line end was a `br`; line ends inside other parts are only how the source was wrapped.
    lines = "".join(part if part == "\n" else part.replace("\n", " ") for part in parts).split("\n")
    return "\n".join(line for raw in lines if (line := " ".join(raw.split())))

"""What a page holds and does not show: by its elements' styles, by its own style sheets, by attributes and classes.

Scripts can show it later, and most of what they show stands beside a text. What folds out at a click (`max-height: 0`,
tabs, `details`) is text: it is there to be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from riverline.parsing.html.named import Named

NONE = r"display\s*:\s*none|visibility\s*:\s*hidden|content-visibility\s*:\s*hidden"
FAR = r"(?:left|right|top|bottom|text-indent|margin-left|margin-top)\s*:\s*-\d{4,}"  # beside the screen
CLIPPED = r"clip\s*:\s*rect\(\s*(?:0|1)(?:px)?[\s,]|clip-path\s*:\s*(?:inset\(\s*(?:50|100)%|circle\(\s*0)"
NO_STYLE = re.compile(rf"(?:^|[;\s])(?:{NONE}|{FAR}|{CLIPPED})", re.I)
DOT = re.compile(r"(?<![\w-])width\s*:\s*1px"), re.compile(r"(?<![\w-])height\s*:\s*1px")
CLEAR = re.compile(r"(?:^|[;\s])opacity\s*:\s*0*\.?0*%?\s*(?:!|;|$)", re.I)
MOVES = re.compile(r"transform|transition|animation|will-change", re.I)  # what is clear at first and comes into sight
# What hides in a style sheet: words first, for their search is far faster than that of anything else.
IN_SHEET = (
    re.compile(r"display\s*:\s*none"),
    re.compile(r"visibility\s*:\s*hidden"),
    re.compile(r"opacity\s*:\s*0(?:\.0*)?\s*(?=[;!}])"),
)
OTHERWISE = ("backface-", "fill-", "stroke-", "flood-", "stop-")  # before such a word: another property
GOES_ON = re.compile(r"[\w-]")
NAMED = re.compile(r"(?:[a-z][a-z0-9]*)?[.#][\w-]+", re.I)
COMMENT = re.compile(r"/\*.*?\*/", re.S)
LONGEST_SHEET = 400_000  # characters of style sheets that are looked at
MOST_NAMES = 100
# Classes of what is there for screen readers alone.
UNSHOWN = frozenset(
    (
        "sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text", "screen-reader-only", "screenreader",
        "show-for-sr", "assistive-text", "element-invisible", "blind",
        "mw-editsection",  # `[edit]` beside each heading of a wiki
    )
)  # fmt: skip


def is_not_shown(node: LexborNode, attributes: dict[str, str | None]) -> bool:
    """Whether an element's own attributes say that it is not shown, or that a part of a line is a caption."""
    style = attributes.get("style") or ""
    if "hidden" in attributes or (style and (NO_STYLE.search(style) or _is_unseen(style, attributes))):
        return True
    called = (attributes.get("class") or "").lower()
    return not UNSHOWN.isdisjoint(called.split()) or (node.tag == "span" and "caption" in called)


def _is_unseen(style: str, attributes: dict[str, str | None]) -> bool:
    """Whether an element is a dot, or cannot be seen through its opacity. Many texts are built so that they fade in as
    they are scrolled to: these say how they move, or carry data for the script that moves them."""
    if all(side.search(style) for side in DOT):
        return True
    if not CLEAR.search(style) or MOVES.search(style):
        return False
    return not any(name.startswith("data-") for name in attributes)


def hidden_by_sheets(tree: LexborHTMLParser, named: Named) -> str:
    """A selector of what the page's own style sheets hide on all screens and in all states, "" for nothing."""
    shown = (sheet for sheet in named.of("style") if sheet.attributes.get("media") != "print")
    sheets = "\n".join(sheet.text() or "" for sheet in shown)[:LONGEST_SHEET]
    if "/*" in sheets:
        sheets = COMMENT.sub(" ", sheets)
    names = dict.fromkeys(_hidden_names(sheets))
    used = [name for name in names if _is_there(tree, name)]
    return ",".join(name for name in used[:MOST_NAMES] if not _is_styled(sheets, name))


def _is_there(tree: LexborHTMLParser, name: str) -> bool:
    """Whether an element has that name. Style sheets hold what is none (`.9`)."""
    try:
        return tree.css_first(name) is not None
    except SelectolaxError:
        return False


def _hidings(text: str) -> Iterator[int]:
    """Where a style sheet, or the inside of a rule, hides something."""
    for hiding in IN_SHEET:
        for found in hiding.finditer(text):
            if not text.endswith(OTHERWISE, 0, found.start()):
                yield found.start()


def _hidden_names(sheets: str) -> Iterator[str]:
    """The names that stand alone in a rule that hides, outside of rules for some screens."""
    depth = counted = 0
    for place in sorted(_hidings(sheets)):
        opened = sheets.rfind("{", 0, place)
        if opened < counted:  # no rule, or the one before, which says twice that it hides
            continue
        depth += sheets.count("{", counted, opened) - sheets.count("}", counted, opened)
        counted = opened
        if depth:
            continue
        begun = max(sheets.rfind(mark, 0, opened) for mark in "{};")
        yield from (name for part in sheets[begun + 1 : opened].split(",") if NAMED.fullmatch(name := part.strip()))


def _is_styled(sheets: str, name: str) -> bool:
    """Whether any rule beside those that hide says how that name looks: then it is shown on some screens, once it is
    opened, or when the rest of a style sheet has come."""
    place = sheets.find(name)
    while place >= 0:
        end = place + len(name)
        opened = sheets.find("{", end)
        if opened >= 0 and not GOES_ON.match(sheets, end) and sheets.find("}", end, opened) < 0:
            closed = sheets.find("}", opened)
            if next(_hidings(sheets[opened + 1 : closed + 1]), None) is None:
                return True
        place = sheets.find(name, end)
    return False

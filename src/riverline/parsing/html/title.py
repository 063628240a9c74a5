"""A page's headline: its title without the name of the site."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from riverline.parsing.html.named import Named
from riverline.parsing.html.not_shown import UNSHOWN
from riverline.parsing.language.normalization import shown

SEPARATOR = re.compile(r"\s+(?:[-|–—·•»›:/~]|::|\|\||<|>)\s+|\s*[|｜»]\s*|\s+::\s*")
LARGEST_REST = 0.75  # share of a title that may surround the heading in it
PATH = re.compile(r"[>›»]")
SHORTEST_LEAF = 4  # characters
LONGEST_NAME = 60  # characters
MOST_HEADINGS = 5
MOST_LOWER = 10  # h2 and h3
ARTICLES = ("article", "main")
PICTURES = ("svg", "symbol", "math")
SILENT = ",".join(["svg", "math", "script", "style", "template", "noscript", *(f".{name}" for name in sorted(UNSHOWN))])
PLAIN = re.compile(r"[\W_]+")


def headline(
    tree: LexborHTMLParser, named: Named, meta: dict[str, str], declared: str, site_name: str, url: str
) -> str:
    """The best title of a page: Open Graph's, JSON-LD's, the title element's; as a heading repeats it."""
    host = urlsplit(url).hostname or ""
    whole = _line(_title_element(named))
    names = [site_name, *_home_names(tree, host)]
    every = _headings(named)
    below = _below_the_site(named, whole, names, every, host)
    headings = [below] if below else [heading for heading in every if not _is_site(heading, names, host)]
    titles = [_line(title) for title in (meta.get("og:title", ""), declared, meta.get("twitter:title", ""), whole)]
    seen = _heading_in(whole, headings)
    for title in filter(None, titles):
        if seen and _is_tagline(title, whole, meta, names, host):
            continue
        return _heading_in(title, headings) or _leaf(named, title) or without_site(title, names, host)
    return seen or next(iter(headings or every), "")


def _title_element(named: Named) -> str:
    """The text of the head's title, else of the first one that is no picture's."""
    found = ""
    for element in named.of("title"):
        around = _around(element)
        if "head" in around and around.isdisjoint(PICTURES) and (text := element.text()).strip():
            return text
        if not found and around.isdisjoint(PICTURES):
            found = element.text().strip()
    return found


def _around(element: LexborNode) -> set[str]:
    """The tags of the elements that an element stands in."""
    tags, outer = set(), element.parent
    while outer is not None:
        tags.add(outer.tag or "")
        outer = outer.parent
    return tags


def _headings(named: Named) -> list[str]:
    """The page's first headings, those of an article before those of the page's own head."""
    found = named.of("h1")[:MOST_HEADINGS]
    if len(found) > 1:
        found.sort(key=lambda heading: _around(heading).isdisjoint(ARTICLES))
    return [text for heading in found if (text := _heading(heading))]


def _below_the_site(named: Named, whole: str, names: list[str], headings: list[str], host: str) -> str:
    """A lower heading that is one end of the title where the other is the site: `The ferry` below an h1 `Weir Board`,
    with the title `The ferry - Weir Board`."""
    ends = [part for _, part in _split(whole)]
    if len(ends) < 2:
        return ""
    lower = {_line(element.text(separator=" ")) for element in named.of("h2", "h3")[:MOST_LOWER]}
    for own, other in ((ends[0], ends[-1]), (ends[-1], ends[0])):
        if own in lower and (other in headings or _is_site(other, names, host)) and not _is_site(own, names, host):
            return own
    return ""


def _leaf(named: Named, title: str) -> str:
    """The end of a title that is a path, such as `The ferry > Notices | Weir Board`, that a heading says too; the first
    end where both do. A heading may name a section beside it."""
    parts = _split(title)
    if not any(PATH.search(separator) for separator, _ in parts):
        return ""
    headings = [_heading(element) for element in named.of("h1", "h2", "h3")[:MOST_LOWER]]
    for _, end in (parts[0], parts[-1]):
        whole = re.compile(rf"(?<!\w){re.escape(end)}(?!\w)") if len(end) >= SHORTEST_LEAF else None
        if whole and any(end != title and whole.search(heading) and not _split(heading)[1:] for heading in headings):
            return end
    return ""


def _heading(element: LexborNode) -> str:
    """A heading as it is read: without what pictures, scripts and readers of screens are told."""
    silent = {node.mem_id for node in element.css(SILENT)}
    parts, unread = [], set[int]()
    for node in element.traverse(include_text=True):
        parent = node.parent
        if node.mem_id in silent or (parent is not None and parent.mem_id in unread):
            unread.add(node.mem_id)
        elif node.is_text_node:
            parts.append(node.text_content or "")
    return _line(" ".join(parts))


def _is_tagline(title: str, whole: str, meta: dict[str, str], names: list[str], host: str) -> bool:
    """Whether a declared title says what the site is, where the title element and a heading agree on another: it is the
    site's name, its slogan beside the name in the title element, or its description."""
    if title == whole:
        return False
    bare = _plain(title)
    slogans = [part for _, part in _split(whole)[1:]] + [meta.get("og:site_name", "")]
    return _is_site(title, names, host) or any(bare == _plain(slogan) for slogan in slogans)


def _line(text: str) -> str:
    return " ".join(shown(text[:2_000]).split())


def _heading_in(title: str, headings: list[str]) -> str:
    """The heading that the title is, but for a name of the site around it."""
    for heading in headings:
        rest = title.replace(heading, "", 1) if len(heading) > 8 else title
        if (
            len(rest) < len(title)
            and (not rest or not rest[0].isalnum() or not rest[-1].isalnum())
            and len(rest) < LARGEST_REST * len(title)
        ):
            return heading
    return ""


def _home_names(tree: LexborHTMLParser, host: str) -> list[str]:
    """What the page's links to the home page are called: often a site's only mention of its own name."""
    homes = ",".join(f"a[href='{href}']" for href in ("/", f"http://{host}/", f"https://{host}/", f"https://{host}"))
    return [
        name for link in tree.css(homes)[:4] if (name := _line(link.text(separator=" "))) and len(name) < LONGEST_NAME
    ]


def without_site(title: str, site_names: list[str], host: str) -> str:
    """`Storm over Busan | The River Times` without what stands at an end and is the site's name or host."""
    parts = _split(title)
    while len(parts) > 1:
        if _is_site(parts[-1][1], site_names, host):
            parts.pop()
        elif _is_site(parts[0][1], site_names, host):
            parts.pop(0)
        else:
            break
    return (parts[0][1] + "".join(separator + part for separator, part in parts[1:])).strip()


def _split(title: str) -> list[tuple[str, str]]:
    """The parts of a title, each with the separator in front of it."""
    parts, position, separator = [], 0, ""
    for match in SEPARATOR.finditer(title):
        parts.append((separator, title[position : match.start()]))
        position, separator = match.end(), match.group()
    return [*parts, (separator, title[position:])]


def _is_site(part: str, site_names: list[str], host: str) -> bool:
    """Whether a part of a title names the site: like one of its names, or like its host (`nytimes`)."""
    plain = _plain(part)
    if not plain or any(_alike(plain, _plain(name)) for name in site_names):
        return True
    host = host.removeprefix("www.")
    labels = [_plain(label) for label in host.split(".")[:-1]]
    return len(plain) > 2 and (plain == _plain(host) or plain in labels or plain.removeprefix("the") in labels)


def _alike(part: str, name: str) -> bool:
    """Equal, or one a larger part of the other: `Gazette` and `Harbor Gazette`."""
    shorter, longer = sorted((part, name), key=len)
    return part == name or (len(shorter) > 3 and shorter in longer and len(longer) < 2 * len(shorter))


def _plain(text: str) -> str:
    return PLAIN.sub("", text).casefold()

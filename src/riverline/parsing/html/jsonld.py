"""What a page says of itself in JSON-LD (schema.org), as flat fields."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

import orjson
from selectolax.lexbor import LexborNode

from riverline.parsing.limits import MAX_SCRIPT

MAX_NODES = 2_000  # objects looked at in one page
ARTICLES = frozenset(
    (
        "Article", "NewsArticle", "BlogPosting", "Report", "TechArticle", "ScholarlyArticle", "AnalysisNewsArticle",
        "ReportageNewsArticle", "OpinionNewsArticle", "ReviewNewsArticle", "BackgroundNewsArticle", "LiveBlogPosting",
        "SocialMediaPosting", "DiscussionForumPosting", "AdvertiserContentArticle", "SatiricalArticle", "Review",
        "Recipe", "HowTo", "QAPage", "Question", "FAQPage", "Product", "Event", "Course", "Book", "Dataset",
        "JobPosting", "Podcast", "PodcastEpisode",
    )
)  # fmt: skip
VIDEOS = frozenset(("VideoObject", "Movie", "TVEpisode", "Clip"))
LISTS = frozenset(("CollectionPage", "SearchResultsPage", "ItemList", "Blog"))
PAGES = frozenset(("WebPage", "ItemPage", "AboutPage", "ProfilePage", "ContactPage"))
WRAPPING = re.compile(r"^\s*(?:<!\[CDATA\[|<!--|/\*.*?\*/|//\s*<!\[CDATA\[)|(?:\]\]>|-->|//\s*\]\]>)\s*;?\s*$", re.S)
LAST_COMMA = re.compile(r",(\s*[}\]])")
CONTROL = re.compile(r"[\x00-\x1f]+")

Node = dict[str, Any]


def is_data(script: LexborNode) -> bool:
    """Whether a script element holds JSON-LD."""
    return (script.attributes.get("type") or "").lower().startswith("application/ld+json")


def nodes(scripts: Iterable[str]) -> list[Node]:
    """Every object with a type in the page's scripts, outermost first. Broken scripts are left out."""
    found: list[Node] = []
    for script in scripts:
        found.extend(_walked(_loaded(script)))
        if len(found) >= MAX_NODES:
            break
    return found[:MAX_NODES]


def _loaded(script: str) -> Any:
    if len(script) > MAX_SCRIPT:
        return None
    try:
        return orjson.loads(script)
    except orjson.JSONDecodeError:
        pass
    try:  # as many templates write it: wrapped in comments, with line ends inside strings and commas behind the last
        return orjson.loads(LAST_COMMA.sub(r"\1", CONTROL.sub(" ", WRAPPING.sub("", script))))
    except orjson.JSONDecodeError:
        return None


def _walked(root: Any) -> Iterator[Node]:
    queue, seen = deque([root]), 0
    while queue and seen < MAX_NODES:
        seen += 1
        value = queue.popleft()
        if isinstance(value, list):
            queue.extend(value[:MAX_NODES])
        elif isinstance(value, dict):
            if "@type" in value:
                yield value
            queue.extend(inner for inner in value.values() if isinstance(inner, dict | list))


def types(node: Node) -> set[str]:
    """The types of a node, without a namespace in front of them."""
    named = node.get("@type")
    listed = named if isinstance(named, list) else [named]
    return {name.rpartition("/")[2].rpartition(":")[2] for name in listed if isinstance(name, str)}


def subject(found: list[Node], wanted: frozenset[str] = ARTICLES) -> Node:
    """The node that the page is about: the first article, else the first video, else the first
    web page; {} for none."""
    for kinds in (wanted, VIDEOS, PAGES):
        if node := next((node for node in found if types(node) & kinds), None):
            return node
    return {}


def text(value: Any) -> str:
    """A property as one text: itself, or the name in it, or the first of a list."""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        value = value.get("name") or value.get("@value") or value.get("url") or ""
    if isinstance(value, list):
        value = value[0] if value else ""
    return " ".join(value.split()) if isinstance(value, str) else ""


def texts(value: Any, limit: int = 20) -> list[str]:
    """A property as several texts; a single one is split at its commas."""
    if isinstance(value, list):
        return [found for item in value[:limit] if (found := text(item))]
    return [part.strip() for part in text(value).split(",") if part.strip()][:limit]


def image(value: Any) -> str:
    """The address of an image property, which may be an address, an ImageObject, or a list of those."""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        value = value.get("url") or value.get("contentUrl") or ""
    if isinstance(value, list):
        value = value[0] if value else ""
    return value.strip() if isinstance(value, str) else ""

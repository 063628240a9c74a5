"""Parsers for single sites, as small declarative files: `sites/*.toml`, described in docs/parsers.md."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from riverline.errors import Fatal

FOLDER = Path(__file__).parent / "sites"
FIELDS = ("title", "summary", "text", "author", "image", "published", "modified", "tags")
ADDRESSES = ("image",)
BLOCKS = "p,li,h2,h3,h4,h5,h6,pre,blockquote,td,th,figcaption,dt,dd,div"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a site's own selectors found; what they did not find is empty and left to the general parser."""

    title: str = ""
    summary: str = ""
    text: str = ""
    author: str = ""
    image: str = ""
    published: str = ""
    modified: str = ""
    tags: tuple[str, ...] = ()
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """Where a field stands: a CSS selector, and the attribute that holds it where it is not the element's text."""

    css: str
    attribute: str = ""


@dataclass(frozen=True, slots=True)
class SiteParser:
    """One file: for which hosts and paths, of which kind, with which rules; `drop` is taken out of the page first."""

    name: str
    hosts: tuple[str, ...]
    paths: re.Pattern[str] | None = None
    kind: str = ""
    drop: str = ""
    rules: dict[str, tuple[Rule, ...]] = field(default_factory=dict)

    def chosen(self, tree: LexborHTMLParser, base: str) -> Chosen:
        """The fields that the rules find in a page."""
        for element in tree.css(self.drop) if self.drop else ():
            element.decompose()
        found: dict[str, Any] = {
            name: self._one(tree, name, base) for name in self.rules if name not in ("tags", "text")
        }
        tags = tuple(text for rule in self.rules.get("tags", ()) for text in _values(tree, rule))
        text = next((text for rule in self.rules.get("text", ()) if (text := _text(tree, rule))), "")
        return Chosen(kind=self.kind, tags=tags, text=text, **found)

    def _one(self, tree: LexborHTMLParser, name: str, base: str) -> str:
        for rule in self.rules[name]:
            if values := _values(tree, rule):
                return urljoin(base, values[0]) if name in ADDRESSES else values[0]
        return ""


def _values(tree: LexborHTMLParser, rule: Rule) -> list[str]:
    texts = (
        element.attributes.get(rule.attribute) or "" if rule.attribute else element.text(separator=" ")
        for element in tree.css(rule.css)[:20]
    )
    return [line for text in texts if (line := " ".join(text.split()))]


def _text(tree: LexborHTMLParser, rule: Rule) -> str:
    """The text of the elements, a block a line; a block that holds other blocks is left to those."""
    lines: list[str] = []
    for element in tree.css(rule.css):
        blocks = [block for block in element.css(BLOCKS) if block.mem_id != element.mem_id and not _holds_blocks(block)]
        lines += [line for block in blocks or [element] if (line := " ".join(block.text().split()))]
    return "\n".join(lines)


def _holds_blocks(block: LexborNode) -> bool:
    return any(inner.mem_id != block.mem_id for inner in block.css(BLOCKS))


def site_of(url: str) -> SiteParser | None:
    """The parser for a page's site, None where it needs none."""
    parts = urlsplit(url)
    found = _by_host().get((parts.hostname or "").removeprefix("www."))
    return next((parser for parser in found or () if not parser.paths or parser.paths.search(parts.path)), None)


@cache
def _by_host(folder: Path = FOLDER) -> dict[str, list[SiteParser]]:
    """Every site parser by host, read once. Raises Fatal for a file that cannot be used."""
    parsers: dict[str, list[SiteParser]] = {}
    for file in sorted(folder.glob("*.toml")):
        parser = read(file)
        for host in parser.hosts:
            parsers.setdefault(host, []).append(parser)
    return parsers


def read(file: Path) -> SiteParser:
    """The parser of a file. Raises Fatal, with the file's name, for what docs/parsers.md does not allow."""
    try:
        written = tomllib.loads(file.read_text("utf-8"))
        rules = {name: _rules(value) for name, value in written.get("select", {}).items()}
        if unknown := set(rules) - set(FIELDS):
            raise ValueError(f"unknown fields {sorted(unknown)}")
        paths = re.compile(written["paths"]) if "paths" in written else None
        parser = SiteParser(
            file.stem,
            tuple(written["hosts"]),
            paths,
            written.get("kind", ""),
            ", ".join(written.get("drop", ())),
            rules,
        )
        _try_selectors(parser)
    except (ValueError, KeyError, TypeError, re.error) as error:
        raise Fatal(f"the site parser {file.name} cannot be used: {error}") from error
    return parser


def _rules(value: Any) -> tuple[Rule, ...]:
    listed = value if isinstance(value, list) else [value]
    return tuple(
        Rule(item) if isinstance(item, str) else Rule(item["css"], item.get("attribute", "")) for item in listed
    )


def _try_selectors(parser: SiteParser) -> None:
    tree = LexborHTMLParser("<p></p>")
    for css in [parser.drop, *(rule.css for rules in parser.rules.values() for rule in rules)]:
        if css:
            tree.css(css)

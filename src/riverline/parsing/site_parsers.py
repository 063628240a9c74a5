"""Parsers for single sites, as small declarative files: `sites/*.toml` (docs/how-to/write-a-site-parser.md)."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from riverline.errors import Fatal
from riverline.parsing.html.block_outline import outline
from riverline.parsing.limits import MAX_TEXT

FOLDER = Path(__file__).parent / "sites"
TEXTS = ("title", "summary", "author", "image", "published", "modified")
KINDS = ("", "article", "video", "list")
LONGEST = 500  # characters of a field that is not the text
MOST = 20  # elements that one rule reads


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
class ParserRule:
    """Where a field stands: a CSS selector, and the attribute that holds it where it is not the element's text."""

    css: str
    attribute: str = ""


@dataclass(frozen=True, slots=True)
class SiteParser:
    """One `[[pages]]` table: for which hosts and paths, of which kind, with which rules; `drop` is taken out first."""

    hosts: tuple[str, ...]
    paths: re.Pattern[str] | None = None
    kind: str = ""
    drop: str = ""
    rules: dict[str, tuple[ParserRule, ...]] = field(default_factory=dict)

    def chosen(self, tree: LexborHTMLParser, base: str) -> Chosen:
        """The fields that the rules find in a page. What `drop` names is gone from the tree afterwards."""
        for element in tree.css(self.drop) if self.drop else ():
            element.decompose()
        found: dict[str, Any] = {name: self._first(tree, name) for name in TEXTS}
        if found["image"]:
            found["image"] = urljoin(base, found["image"])
        tags = tuple(text for rule in self.rules.get("tags", ()) for text in _values(tree, rule))
        return Chosen(kind=self.kind, tags=tags, text=self._text(tree), **found)

    def _first(self, tree: LexborHTMLParser, name: str) -> str:
        return next((values[0] for rule in self.rules.get(name, ()) if (values := _values(tree, rule))), "")

    def _text(self, tree: LexborHTMLParser) -> str:
        """The text of what the first fitting rule selects, a paragraph a line."""
        for rule in self.rules.get("text", ()):
            if rule.attribute:
                lines = _values(tree, rule, MAX_TEXT)
            else:
                lines = [run.text for element in tree.css(rule.css)[:MOST] for run in outline(element).runs]
            if lines:
                return "\n".join(lines)[:MAX_TEXT]
        return ""


def _values(tree: LexborHTMLParser, rule: ParserRule, longest: int = LONGEST) -> list[str]:
    """What the rule's elements hold, each on one line, without the empty ones."""
    elements = tree.css(rule.css)[:MOST]
    texts = [e.attributes.get(rule.attribute) or "" if rule.attribute else e.text(separator=" ") for e in elements]
    return [line for text in texts if (line := " ".join(text[:longest].split()))]


def site_of(url: str) -> SiteParser | None:
    """The parser for a page's site, None where it needs none."""
    parts = urlsplit(url)
    found = _by_host().get((parts.hostname or "").removeprefix("www."), ())
    return next((parser for parser in found if not parser.paths or parser.paths.search(parts.path)), None)


@cache
def _by_host() -> dict[str, list[SiteParser]]:
    """Every site parser by host, read at the first use. Raises Fatal for a file that cannot be used."""
    parsers: dict[str, list[SiteParser]] = {}
    for file in sorted(FOLDER.glob("*.toml")):
        for parser in read(file):
            for host in parser.hosts:
                parsers.setdefault(host, []).append(parser)
    return parsers


def read(file: Path) -> list[SiteParser]:
    """The parsers of a file. Raises Fatal, with the file's name, for what the form does not allow."""
    try:
        return [_parser(table) for table in tomllib.loads(file.read_text("utf-8"))["pages"]]
    except (ValueError, KeyError, TypeError, AttributeError, re.error, SelectolaxError) as error:
        raise Fatal(f"the site parser {file.name} cannot be used: {error!r}") from error


def _parser(table: dict[str, Any]) -> SiteParser:
    if unknown := set(table) - {"hosts", "paths", "kind", "drop", "select"}:
        raise ValueError(f"unknown keys: {', '.join(sorted(unknown))}")
    rules = {name: _rules(value) for name, value in table.get("select", {}).items()}
    if unknown := set(rules) - {*TEXTS, "text", "tags"}:
        raise ValueError(f"unknown fields: {', '.join(sorted(unknown))}")
    if (kind := table.get("kind", "")) not in KINDS:
        raise ValueError(f"unknown kind {kind}")
    paths = re.compile(table["paths"]) if "paths" in table else None
    parser = SiteParser(tuple(table["hosts"]), paths, kind, ", ".join(table.get("drop", ())), rules)
    _try_selectors(parser)
    return parser


def _rules(value: Any) -> tuple[ParserRule, ...]:
    """One rule or several, of which the first that finds anything counts; a rule is a selector or a table."""
    listed = value if isinstance(value, list) else [value]
    return tuple(
        ParserRule(item) if isinstance(item, str) else ParserRule(item["css"], item.get("attribute", ""))
        for item in listed
    )


def _try_selectors(parser: SiteParser) -> None:
    """Raises SelectolaxError or ValueError for a selector that cannot be read."""
    tree = LexborHTMLParser("<p></p>")
    for css in (parser.drop, *(rule.css for rules in parser.rules.values() for rule in rules)):
        if css:
            tree.css(css)

"""What an HTML page says of itself: meta elements, Open Graph, microdata, JSON-LD."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser

from riverline.parsing.dates.meta_names import MODIFIED, PUBLISHED
from riverline.parsing.html import jsonld
from riverline.parsing.html.links import absolute, base_of
from riverline.parsing.html.named import Named
from riverline.parsing.html.title import headline
from riverline.parsing.language.detection import normal
from riverline.parsing.language.normalization import shown, visible
from riverline.parsing.limits import MAX_SUMMARY, MAX_TAGS_KEPT, MAX_TITLE

MAX_DESCRIPTION = 8_000  # characters, with their markup, that are looked at
SPACE = re.compile(r"\s+")
BYLINE = re.compile(
    r"^(?:(?:by|글|작성자|기자|written by|posted by|author)\s*[:：]?\s+|(?:von|par|por|di)\s*[:：]\s*)", re.I
)
# In a line that is a byline, before two words at least: Von Trapp, Di Stefano and Par Olsson are names.
FOREIGN_BYLINE = re.compile(r"^(von|par|por|di)\s+(?!(?:der|den|dem|und|zu|de|la)\b)(?=\S+\s+\S)", re.I)
BYLINE_WORDS = {"von": ("de",), "par": ("fr",), "por": ("es", "pt", "gl"), "di": ("it",)}
NAME_ELEMENTS = "[itemprop~=name],[rel~=author],.author-name"  # hold a name and nothing else
DESCRIPTIONS = ("og:description", "description", "twitter:description", "dc.description", "sailthru.description")
IMAGES = ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src", "thumbnail")
AUTHORS = (
    "author",
    "article:author",
    "dc.creator",
    "dcterms.creator",
    "parsely-author",
    "sailthru.author",
    "byl",
    "citation_author",
    "twitter:creator",
)
KEYWORDS = (
    "news_keywords",
    "keywords",
    "parsely-tags",
    "sailthru.tags",
    "citation_keywords",
    "og:video:tag",
    "video:tag",
)
LANGUAGES = ("content-language", "language", "dc.language", "dcterms.language", "og:locale")
REGIONS = ("geo.region", "geo.country", "og:country-name")
AUTHOR_ELEMENTS = (
    "[itemprop~=author] [itemprop=name],[itemprop~=author],a[rel~=author],.author-name,.byline .author,.byline a"
    ",.byline,.author a,p.author,span.author,div.author"
)
TAG_ELEMENTS = "a[rel~=tag],[itemprop=keywords]"


@dataclass(slots=True)
class Metadata:
    """The declarations of a page. Texts are clean, addresses absolute; what is missing is empty."""

    title: str = ""
    description: str = ""
    author: str = ""
    image: str = ""
    site_name: str = ""
    language: str = ""
    region: str = ""
    tags: list[str] = field(default_factory=list)
    published: list[str] = field(default_factory=list)  # candidates as written, the best first
    modified: list[str] = field(default_factory=list)
    base: str = ""  # what relative addresses start from
    og_type: str = ""
    types: set[str] = field(default_factory=set)  # of JSON-LD
    subject: jsonld.Node = field(default_factory=dict)  # the JSON-LD node that the page is about
    meta: dict[str, str] = field(default_factory=dict)


def metadata(tree: LexborHTMLParser, url: str, named: Named) -> Metadata:
    """The declarations of a page that was fetched from `url`."""
    meta, listed = _meta(named)
    found = jsonld.nodes(script.text() for script in named.of("script") if jsonld.is_data(script))
    about = jsonld.subject(found)
    base = base_of(named, url)
    site_name = clean(
        shown(meta.get("og:site_name") or meta.get("application-name") or jsonld.text(about.get("publisher"))), 100
    )
    spoken, region = _language(tree, meta, about)
    return Metadata(
        title=clean(headline(tree, named, meta, jsonld.text(about.get("headline")), site_name, url), MAX_TITLE),
        description=clean(
            shown((_first(meta, DESCRIPTIONS) or jsonld.text(about.get("description")))[:MAX_DESCRIPTION]), MAX_SUMMARY
        ),
        author=_author(tree, meta, about, spoken),
        image=_address(base, _first(meta, IMAGES) or jsonld.image(about.get("image")) or _link(tree, "image_src")),
        site_name=site_name,
        language=spoken,
        region=region or _region(meta),
        tags=_tags(tree, meta, listed, about),
        published=_published(meta, about),
        modified=_modified(meta, about),
        base=base,
        og_type=meta.get("og:type", "").lower(),
        types=set().union(*(jsonld.types(node) for node in found)) if found else set(),
        subject=about,
        meta=meta,
    )


def clean(text: str, limit: int) -> str:
    """A text on one line, at most `limit` characters, cut at a word."""
    text = SPACE.sub(" ", text[: limit * 4]).strip()
    if len(text) <= limit:
        return text
    return (text[: limit - 1].rpartition(" ")[0] or text[: limit - 1]) + "…"


def _meta(named: Named) -> tuple[dict[str, str], list[str]]:
    """Every meta element by its name, the first of each; and the values of `article:tag`, which may come often."""
    meta: dict[str, str] = {}
    listed: list[str] = []
    for element in named.of("meta"):
        attributes = element.attributes
        content = (attributes.get("content") or "").strip()
        if not content:
            continue
        for kind in ("property", "name", "itemprop", "http-equiv"):
            if name := (attributes.get(kind) or "").strip().lower():
                meta.setdefault(name, content)
                if name in ("article:tag", "og:article:tag"):
                    listed.append(content)
    return meta, listed


def _first(meta: dict[str, str], names: tuple[str, ...]) -> str:
    return next((meta[name] for name in names if name in meta), "")


def _address(base: str, href: str) -> str:
    """An absolute http(s) address, "" for anything else."""
    return absolute(href, base)


def _link(tree: LexborHTMLParser, rel: str) -> str:
    element = (tree.head or tree).css_first(f"link[rel={rel}]")
    return (element.attributes.get("href") or "") if element else ""


def _language(tree: LexborHTMLParser, meta: dict[str, str], about: jsonld.Node) -> tuple[str, str]:
    root = tree.root
    attributes = root.attributes if root else {}
    declared = [attributes.get("lang") or attributes.get("xml:lang") or "", *(meta.get(name, "") for name in LANGUAGES)]
    declared.append(jsonld.text(about.get("inLanguage")))
    read = [pair for text in declared if text and (pair := normal(text))[0]]
    if not read:
        return "", ""
    spoken = read[0][0]
    return spoken, next((region for language, region in read if region and language == spoken), "")


def _region(meta: dict[str, str]) -> str:
    code = _first(meta, REGIONS)[:2].upper()
    return code if len(code) == 2 and code.isalpha() else ""


def _author(tree: LexborHTMLParser, meta: dict[str, str], about: jsonld.Node, spoken: str) -> str:
    candidates = [", ".join(jsonld.texts(about.get("author"), 3)) if about.get("author") else ""]
    candidates += [meta[name] for name in AUTHORS if name in meta]
    for candidate in candidates:
        if name := _person(shown(candidate[:4_000])):
            return name
    for element in tree.css(AUTHOR_ELEMENTS)[:4]:
        line = _line(element.text(separator=" "))
        if name := _person(line if element.css_matches(NAME_ELEMENTS) else _without_by(line, spoken)):
            return name
    return ""


def _without_by(line: str, spoken: str) -> str:
    """A byline without `von`, `par` and their like, unless that begins a name: the page is in another language."""
    found = FOREIGN_BYLINE.match(line)
    if not found or (spoken and not found[1].islower() and spoken not in BYLINE_WORDS[found[1].lower()]):
        return line
    return line[found.end() :]


def _person(text: str) -> str:
    """A name without `By`; "" for addresses, user ids and whole paragraphs."""
    name = BYLINE.sub("", _line(text))
    return (
        ""
        if not 2 <= len(name) <= 80
        or "://" in name
        or name.startswith("@")
        or name.lower() in ("admin", "administrator")
        else name
    )


def _line(text: str) -> str:
    return SPACE.sub(" ", visible(text[:400])).strip(" ,|·-\n\t")


def _tags(tree: LexborHTMLParser, meta: dict[str, str], listed: list[str], about: jsonld.Node) -> list[str]:
    found = list(map(shown, listed))
    for name in KEYWORDS:
        found += re.split(r"[,;|、，]", shown(meta.get(name, "")[:2_000]))
    found += map(shown, jsonld.texts(about.get("keywords")))
    found += [element.text() for element in tree.css(TAG_ELEMENTS)[:MAX_TAGS_KEPT]]
    return distinct(found)


def distinct(words: Iterable[str]) -> list[str]:
    """Tags without doubles, `#` and white space, in order; sentences and single letters are no tags,
    but one Chinese, Japanese or Korean character may be."""
    kept: dict[str, str] = {}
    for word in words:
        tag = SPACE.sub(" ", word[:200]).strip(" #\"'.,")
        if (len(tag) > 1 or tag > "\u2e7f") and 0 < len(tag) <= 50 and tag.count(" ") <= 5:
            kept.setdefault(tag.casefold(), tag)
    return list(kept.values())[:MAX_TAGS_KEPT]


def _published(meta: dict[str, str], about: jsonld.Node) -> list[str]:
    return [
        *(meta[name] for name in PUBLISHED if name in meta),
        *_dated(about, ("datePublished", "uploadDate", "dateCreated")),
    ]


def _modified(meta: dict[str, str], about: jsonld.Node) -> list[str]:
    return [*(meta[name] for name in MODIFIED if name in meta), *_dated(about, ("dateModified",))]


def _dated(about: jsonld.Node, names: tuple[str, ...]) -> Iterator[str]:
    return (text for name in names if (text := jsonld.text(about.get(name))))

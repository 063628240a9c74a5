"""What is true of the demo web, a record for each URL: the reference of the crawl's and the extraction's tests."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from demo import markup, pdf
from demo.pages import Page
from demo.resources import Resource
from demo.sites import Site
from demo.web import Web

FILE = Path(__file__).parent / "truth.json"
SHORTEST = 15
AROUND = (("dialog", "privacy"), ("ticker", "ticker"), ("unseen", "unseen"))  # what a page has around it, and its text


def truth_text(web: Web) -> str:
    """The text of truth.json: one record a line, so that a change of one page changes one line."""
    lines = [json.dumps(record, ensure_ascii=False) for record in records(web)]
    return "[\n" + ",\n".join(lines) + "\n]\n"


def records(web: Web) -> list[dict[str, Any]]:
    """A record for each URL, assets left out, by URL."""
    known = sorted((r for r in web.resources.values() if r.kind != "asset"), key=lambda resource: resource.url)
    return [record(web, resource) for resource in known]


def record(web: Web, resource: Resource) -> dict[str, Any]:
    """The record of one URL."""
    site, page = web.sites[resource.host], resource.page
    published = page.published if page else None
    return {
        "url": resource.url,
        "canonical": canonical(web, resource),
        "kind": resource.kind,
        "title": resource.title,
        "language": page.language if page else site.language,
        "published": published.isoformat() if published else None,
        "tags": page.words("tags") if page else [],
        "with": present(page) if page else [],
        "without": absent(site, page) if page else [],
        "duplicate_of": _original(web, page, "copy_of"),
        "near_duplicate_of": _original(web, page, "near_copy_of"),
    }


def canonical(web: Web, resource: Resource) -> str:
    """The URL that the resource's content is to be known by, through redirects and aliases."""
    while resource.location:
        host, _, path = urljoin(resource.url, resource.location).removeprefix("http://").partition("/")
        resource = web.resources[host, f"/{path}"]
    if resource.kind == "list" and resource.path in web.sites[resource.host].settings.get("home_aliases", []):
        return f"http://{resource.host}/"
    return resource.page.url if resource.page else resource.url


def present(page: Page) -> list[str]:
    """Fragments of the main text: from its first paragraph, its middle and its last."""
    if page.kind == "text":
        lines = [line for line in page.source.splitlines() if len(line) > SHORTEST]
        return [lines[1], lines[len(lines) // 2], lines[-1]]
    texts = markup.paragraphs(page.source)
    if page.kind == "pdf":  # A fragment within a set line: how lines are joined is up to the reader.
        return [pdf.lines_of("", [text])[2] for text in (texts[0], texts[len(texts) // 2], texts[-1])]
    first, middle, last = (markup.sentences(text) for text in (texts[0], texts[len(texts) // 2], texts[-1]))
    chosen = [first[0], middle[0], last[-1]]
    return [text for text in dict.fromkeys(chosen) if len(text) > SHORTEST]


def absent(site: Site, page: Page) -> list[str]:
    """Fragments around the main text: the advertisement, the footer, a comment or the cookie notice, and what else the
    page says that it has around it."""
    if page.kind in ("text", "pdf"):
        return []
    comments, around = site.comments_on(page), page.words("around")
    found = [site.advertisement, site.legal, comments[0]["text"] if comments else site.cookies]
    found += [
        site.settings[text]
        for word, text in (("dialog", "privacy"), ("ticker", "ticker"), ("unseen", "unseen"))
        if word in around
    ]
    return found + ([site.related(page)[0].description] if "stories" in around else [])


def _original(web: Web, page: Page | None, field: str) -> str | None:
    if not page or field not in page.fields:
        return None
    host, slug = page.fields[field].split("/")
    return next(original.url for original in web.sites[host].pages if original.slug == slug)

"""What a crawler would find at an address, before it becomes a target: asked once, now, for an administrator.

robots.txt is asked first, as a crawler does; a page that it forbids is not fetched. What fails says why.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
from selectolax.lexbor import LexborHTMLParser

from riverline.crawl.addresses import user_agent
from riverline.crawl.robots import EVERYTHING, MAX_BYTES, Rules, product_token, rules_of
from riverline.errors import Invalid
from riverline.model import Page
from riverline.parsing.parse import data_type, parse
from riverline.parsing.url import canonical, requested
from riverline.settings import Crawl
from riverline_api.resources.guarded_client import REFUSED, guarded_client

FEEDS = "link[rel~=alternate][type='application/rss+xml'],link[rel~=alternate][type='application/atom+xml']"
DEADLINE = 5.0  # seconds of each step
MOST_REDIRECTS = 5
MOST_BYTES = 1 << 20  # of the page
MOST_FOUND = 5  # feeds and sitemaps that are named
USUAL_SITEMAP = "/sitemap.xml"

Client = Callable[[], httpx.Client]


@dataclass(frozen=True, slots=True)
class TargetPreview:
    """`problem`: why nothing was read, by a word of the crawler's reports; empty where something was."""

    url: str
    status: int = 0
    title: str = ""
    kind: str = ""
    crawl_delay: float | None = None
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    problem: str = ""


def client_of(crawl: Crawl) -> httpx.Client:
    """A client that calls itself as the crawler does, and goes where the crawler may: not into the own network."""
    options: dict[str, Any] = {
        "headers": {"User-Agent": user_agent(crawl)},
        "timeout": DEADLINE,
        "follow_redirects": True,
        "max_redirects": MOST_REDIRECTS,
    }
    if crawl.proxy:
        return httpx.Client(proxy=crawl.proxy, trust_env=False, **options)
    return guarded_client(crawl.private, **options)


def preview(url: str, client: httpx.Client, agent: str) -> TargetPreview:
    """What is there. `agent`: the crawler's User-Agent. Raises Invalid (`bad_url`) for what is no address."""
    asked = requested(url if "://" in url else f"https://{url}")
    found = TargetPreview(asked)
    try:
        rules = _rules(asked, client, agent)
        found = replace(found, crawl_delay=rules.crawl_delay, sitemaps=rules.sitemaps[:MOST_FOUND])
        if not rules.allows(asked):
            return replace(found, problem="robots" if rules.reachable else "robots_unreachable")
        status, final, content_type, body = _fetched(asked, client, MOST_BYTES)
    except httpx.TooManyRedirects:
        return replace(found, problem="redirects")
    except httpx.HTTPError as error:
        return replace(found, problem=_reason(error))
    if status != 200:
        return replace(found, status=status, problem=f"status_{status}")
    found = replace(found, url=final, status=status)
    return _read(found, Page(final, canonical(final), body, status, content_type), client)


def _read(found: TargetPreview, page: Page, client: httpx.Client) -> TargetPreview:
    try:
        parsed = parse(page)
    except Invalid as error:
        return replace(found, problem=error.reason or "unread_type")
    feeds = _feeds(page) if data_type(page) == "html" else ()
    sitemaps = found.sitemaps or _usual_sitemap(page.url, client)
    return replace(found, title=parsed.title, kind=parsed.kind, feeds=feeds, sitemaps=sitemaps)


def _rules(url: str, client: httpx.Client, agent: str) -> Rules:
    parts = urlsplit(url)
    status, _, _, body = _fetched(f"{parts.scheme}://{parts.netloc}/robots.txt", client, MAX_BYTES)
    return rules_of(status, body, product_token(agent)) if status else EVERYTHING


def _fetched(url: str, client: httpx.Client, most: int) -> tuple[int, str, str, bytes]:
    """Status, address after redirects, content type and the beginning of the body. Raises httpx.HTTPError."""
    with client.stream("GET", url) as answer:
        body = bytearray()
        for part in answer.iter_bytes():
            body += part
            if len(body) >= most:
                break
        content_type = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return answer.status_code, str(answer.url), content_type, bytes(body[:most])


def _feeds(page: Page) -> tuple[str, ...]:
    tree = LexborHTMLParser(page.body)
    named = [element.attributes.get("href") or "" for element in tree.css(FEEDS)]
    return tuple(dict.fromkeys(urljoin(page.url, href) for href in named if href))[:MOST_FOUND]


def _usual_sitemap(url: str, client: httpx.Client) -> tuple[str, ...]:
    """Where sites mostly have one."""
    place = urljoin(url, USUAL_SITEMAP)
    try:
        status, final, content_type, body = _fetched(place, client, 1 << 16)
    except httpx.HTTPError:
        return ()
    fine = status == 200 and data_type(Page(final, place, body, status, content_type)) == "sitemap"
    return (place,) if fine else ()


def _reason(error: httpx.HTTPError) -> str:
    """As the crawler's reports call it; what they tell apart stands in the text alone."""
    if isinstance(error, httpx.TimeoutException):
        return "timeout"
    text = str(error).lower()
    for part, reason in (
        (REFUSED, REFUSED),
        ("name or service", "name_not_resolved"),
        ("name resolution", "name_not_resolved"),
        ("no address associated", "name_not_resolved"),
        ("refused", "connection_refused"),
        ("certificate", "tls"),
        ("ssl", "tls"),
        ("no route", "no_route"),
    ):
        if part in text:
            return reason
    return "connection"

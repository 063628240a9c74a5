"""Feeds, sitemaps and robots.txt of a site."""

import gzip
import re
from collections.abc import Iterator

from demo.pages import Page
from demo.render import Renderer
from demo.resources import EPOCH, Resource
from demo.sites import Site

FEED_TYPES = {"rss": "application/rss+xml; charset=utf-8", "atom": "application/atom+xml"}
FEED_ITEMS = 15


def feeds(site: Site, renderer: Renderer) -> Iterator[Resource]:
    """The site's feed, where it has one."""
    if "feed" in site.settings:
        kind, path = site.feed
        pages = [page for page in site.listed if page.published][:FEED_ITEMS]
        newest = max(page.modified or page.published or EPOCH for page in pages)
        body = renderer.feed(site, f"{kind}.xml", pages=pages, path=path, newest=newest)
        body = _careless(body) if site.settings.get("feed_style") == "careless" else body
        yield Resource(site.host, path, "feed", body, FEED_TYPES[kind], title=site.name)


def _careless(body: bytes) -> bytes:
    """A feed as careless systems write it: something before the declaration, raw ampersands, entities of HTML."""
    tracked = re.sub(rb'(rel="alternate" href="[^"]+)', rb"\1?utm_source=feed&utm_medium=atom", body)
    return b"\n<!-- cached -->\n" + tracked.replace(b"</summary>", b"&nbsp;&hellip; R&D</summary>")


def sitemaps(site: Site, renderer: Renderer, sections: list[str]) -> Iterator[Resource]:
    """A plain sitemap, or an index over a gzipped one of articles and a plain one of lists."""
    style = site.settings.get("sitemap")
    if style == "plain":
        yield _sitemap(site, "/sitemap.xml", _urlset(site, renderer, sections, site.listed))
    elif style == "index":
        children = ["/sitemap-articles.xml.gz", "/sitemap-sections.xml"]
        yield _sitemap(site, "/sitemap.xml", renderer.feed(site, "sitemapindex.xml", children=children))
        articles = gzip.compress(_urlset(site, renderer, [], site.listed), mtime=0)
        yield Resource(site.host, children[0], "sitemap", articles, "application/gzip")
        yield _sitemap(site, children[1], _urlset(site, renderer, sections, []))


def _sitemap(site: Site, path: str, body: bytes) -> Resource:
    return Resource(site.host, path, "sitemap", body, "application/xml")


def _urlset(site: Site, renderer: Renderer, lists: list[str], pages: list[Page]) -> bytes:
    return renderer.feed(site, "sitemap.xml", lists=lists, pages=pages)


def robots(site: Site) -> Resource:
    """The site's robots.txt; some answer that there is nothing in it (204)."""
    status = 200 if site.robots else 204
    return Resource(site.host, "/robots.txt", "asset", site.robots.encode(), "text/plain; charset=utf-8", status)

"""Builds every resource of the demo web from the stored sites."""

from collections.abc import Iterator
from dataclasses import replace

from demo import feeds, markup
from demo.image import png
from demo.pages import Page
from demo.pdf import pdf
from demo.render import Listing, Renderer
from demo.resources import EPOCH, Resource
from demo.sites import Site

HOME_ITEMS = 10
STYLE = "body{font-family:sans-serif;margin:0 auto;max-width:1100px;line-height:1.6}aside{float:right;width:260px}"


def site_resources(site: Site, renderer: Renderer) -> Iterator[Resource]:
    """All that a host answers."""
    for page in site.pages:
        yield from page_resources(site, page, renderer)
    lists = [_list(site, listing, renderer) for listing in listings(site)]
    yield from lists
    yield from (replace(lists[0], path=alias) for alias in site.settings.get("home_aliases", []))
    yield from feeds.feeds(site, renderer)
    yield from feeds.sitemaps(site, renderer, [resource.path for resource in lists])
    yield feeds.robots(site)
    yield from _failures(site)
    yield Resource(site.host, "/static/site.css", "asset", STYLE.encode(), "text/css")


def page_resources(site: Site, page: Page, renderer: Renderer) -> Iterator[Resource]:
    """A page under its own URL and its aliases, and its picture."""
    main = page_resource(site, page, renderer)
    yield main
    yield from (replace(main, path=alias) for alias in page.words("aliases"))
    yield Resource(site.host, page.image, "asset", png(page.slug), "image/png")


def page_resource(site: Site, page: Page, renderer: Renderer) -> Resource:
    """A page as it answers at its own URL; one that changes starts at revision 1."""
    shown = page.at_revision(1) if page.live_every and "{revision}" in page.source else page
    body, content_type = _body(site, shown, renderer)
    modified = shown.modified or shown.published or EPOCH
    return Resource(
        site.host,
        page.path,
        page.kind,
        body,
        content_type,
        modified=modified,
        page=page,
        title=page.title,
        robots=page.fields.get("x_robots"),
    )


def _body(site: Site, page: Page, renderer: Renderer) -> tuple[bytes, str]:
    if page.kind == "pdf":
        return pdf(page.title, markup.paragraphs(page.source)), "application/pdf"
    if page.kind == "text":
        return page.source.encode(), "text/plain; charset=utf-8"
    if "charset_said" in page.fields:
        return renderer.article(site, page), f"text/html; charset={page.fields['charset_said']}"
    in_header = page.fields.get("charset_in", site.charset_in) != "meta"
    return renderer.article(site, page), f"text/html{site.charset_suffix if in_header else ''}"


def listings(site: Site) -> Iterator[Listing]:
    """The home page first, then the sections, then the archive's pages where the site keeps an archive."""
    yield Listing("/", site.tagline, site.listed[:HOME_ITEMS])
    for section, title in site.sections.items():
        yield Listing(site.section_path(section), title, site.in_section(section))
    yield from _archive(site)


def _archive(site: Site) -> Iterator[Listing]:
    if "archive" not in site.settings:
        return
    path, title, size = site.archive
    chunks = [site.listed[start : start + size] for start in range(0, len(site.listed), size)]
    paths = [None, path, *(f"{path}?page={number}" for number in range(2, len(chunks) + 1)), None]
    for chunk, previous, here, following in zip(chunks, paths, paths[1:], paths[2:], strict=False):
        yield Listing(here, title, chunk, previous, following)


def _list(site: Site, listing: Listing, renderer: Renderer) -> Resource:
    newest = max((page.modified or page.published or EPOCH for page in listing.pages), default=EPOCH)
    body = renderer.listing(site, listing)
    content_type = f"text/html{site.charset_suffix if site.charset_in != 'meta' else ''}"
    return Resource(site.host, listing.path, "list", body, content_type, modified=newest, title=listing.title)


def _failures(site: Site) -> Iterator[Resource]:
    for path, (status, location) in site.settings.get("redirects", {}).items():
        yield Resource(site.host, path, "redirect", status=status, location=location)
    for kind, status in (("gone", 410), ("missing", 404)):
        for path in site.settings.get(kind, []):
            body = f"<!doctype html><title>{status}</title><p>{site.settings[f'{kind}_text']}</p>"
            yield Resource(site.host, path, kind, body.encode(), status=status)

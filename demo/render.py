"""Pages and lists as HTML, through the templates of their host."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from demo import dates, markup
from demo.pages import Page
from demo.sites import ROOT, Site
from demo.structured import json_ld

SHARED = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Listing:
    """A list of pages: the home page, a section, or a page of the archive."""

    path: str
    title: str
    pages: list[Page]
    previous: str | None = None
    following: str | None = None


class Renderer:
    """Renders with one Jinja environment, so that each template is compiled once."""

    def __init__(self) -> None:
        self.environment = Environment(
            loader=FileSystemLoader([ROOT, SHARED]), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )

    def article(self, site: Site, page: Page) -> bytes:
        """An article in the template of its site."""
        forms = page.words("dates") or site.dates
        context = {
            "page": page,
            "body": markup.html(page.source),
            "forms": forms,
            "json_ld": json_ld(site, page, "jsonld" in forms),
            "date": _visible(site, page, page.published),
            "edited": _visible(site, page, page.modified),
            "related": site.related(page),
            "comments": site.comments_on(page),
            "charset_in": page.fields.get("charset_in", site.charset_in),
        }
        return self._render(site, "article.html", page.fields.get("html_lang", page.language), context)

    def listing(self, site: Site, listing: Listing) -> bytes:
        """A list of pages in the template of its site."""
        dated = [(page, _visible(site, page, page.published)) for page in listing.pages]
        context = {"listing": listing, "items": dated, "charset_in": site.charset_in, "forms": [], "page": None}
        return self._render(site, "list.html", site.language, context)

    def feed(self, site: Site, name: str, **context: Any) -> bytes:
        """A feed or a sitemap, from the shared templates; always UTF-8."""
        return self.environment.get_template(name).render(site=site, http_date=dates.http, **context).encode()

    def _render(self, site: Site, name: str, html_lang: str, context: dict[str, Any]) -> bytes:
        template = self.environment.get_template(f"{site.host}/_templates/{name}")
        lang = "" if html_lang == "none" else html_lang
        # Sites in an old charset write what it lacks as character references.
        return template.render(site=site, lang=lang, **context).encode(site.encoding, "xmlcharrefreplace")


def _visible(site: Site, page: Page, moment: datetime | None) -> str:
    return dates.visible(moment, page.fields.get("date_style", site.date_style), page.has_clock) if moment else ""

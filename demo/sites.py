"""The sites as they are stored: one folder a host, with site.json, robots.txt, pages/ and _templates/."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from demo.pages import Page, read_page, syndicated

ROOT = Path(__file__).parent / "sites"
LISTED = ("article", "text", "pdf")


@dataclass(frozen=True)
class Site:
    """One host: its settings (site.json) and its pages, newest first."""

    host: str
    settings: dict[str, Any]
    robots: str
    pages: list[Page]

    def __getattr__(self, name: str) -> Any:
        """A setting by its name, so that templates read `site.tagline`."""
        try:
            return self.settings[name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def encoding(self) -> str:
        """The codec of the bodies. EUC-KR is written as CP949, its superset, as the browsers read it."""
        return "cp949" if self.settings["charset"] == "euc-kr" else "utf-8"

    @cached_property
    def listed(self) -> list[Page]:
        """The pages that lists, feeds and sitemaps name."""
        return [page for page in self.pages if page.kind in LISTED]

    def in_section(self, section: str) -> list[Page]:
        """The listed pages of a section, newest first."""
        return [page for page in self.listed if page.section == section]

    def section_path(self, section: str) -> str:
        """Where the list of a section is served."""
        return str(self.settings["section_path"]).format(section)

    def related(self, page: Page, count: int = 4) -> list[Page]:
        """Other listed pages, those with most tags in common first; ties keep the order that follows the page's own."""
        others = [other for other in self.listed if other is not page]
        start = self.listed.index(page) if page in self.listed else 0
        turned = others[start:] + others[:start]
        tags = set(page.words("tags"))
        return sorted(turned, key=lambda other: -len(tags & set(other.words("tags"))))[:count]

    def comments_on(self, page: Page) -> list[dict[str, str]]:
        """Two comments of the site's pool, chosen by the page's place; none where the site takes no comments."""
        pool = self.settings.get("comments", [])
        start = self.pages.index(page) if page in self.pages else 0
        return [pool[(start + step) % len(pool)] for step in range(2)] if pool else []


def read_sites(root: Path = ROOT) -> dict[str, Site]:
    """Every stored site by its host, syndicated pages filled in from their originals."""
    sites = {folder.name: _read_site(folder) for folder in sorted(root.iterdir()) if (folder / "site.json").exists()}
    originals = {f"{page.host}/{page.slug}": page for site in sites.values() for page in site.pages}
    for site in sites.values():
        site.pages[:] = [_filled(page, originals) for page in site.pages]
        site.pages.sort(key=lambda page: (page.published is None, -page.published.timestamp() if page.published else 0))
    return sites


def _read_site(folder: Path) -> Site:
    settings = json.loads((folder / "site.json").read_text("utf-8"))
    files = sorted((folder / "pages").glob("*.md"))
    pages = [read_page(file, folder.name, settings["language"], settings["offset"]) for file in files]
    return Site(folder.name, settings, (folder / "robots.txt").read_text("utf-8"), pages)


def _filled(page: Page, originals: dict[str, Page]) -> Page:
    source = page.fields.get("copy_of") or page.fields.get("near_copy_of")
    return syndicated(page, originals[source]) if source else page

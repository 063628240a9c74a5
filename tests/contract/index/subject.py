"""An index as its contract tests use it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from riverline.model import Document, Fate
from riverline.parsing.fingerprint import page_digest, text_digest
from riverline.search.contracts import Index, Outcome, Written
from riverline.search.query import Query
from riverline.search.results import Results

NOW = 1_760_000_000_000
DAY = 86_400_000


@dataclass
class Subject:
    """An index, a site of its own within it, and how a test plays a click."""

    index: Index
    click: Callable[[str], None]
    site: str

    def document(self, path: str = "/a", **more) -> Document:
        url = f"https://{self.site}{path}"
        made = Document(
            url, self.site, "A title", "A summary", f"A body of {url}", "article", crawled_at=NOW, origin="o-0-1"
        )
        made = replace(made, **more)
        return replace(
            made,
            text_digest=more.get("text_digest", text_digest(made.body)),
            page_digest=page_digest(url, made.body.encode()),
        )

    def put(self, *documents: Document) -> list[Written]:
        written = self.index.write(documents, [])
        self.index.refresh()
        return written

    def find(self, text: str = "", **more) -> Results:
        return self.index.search(Query(text, site=self.site, **more), NOW)

    def paths(self, text: str = "", **more) -> list[str]:
        return [hit.url.removeprefix(f"https://{self.site}") for hit in self.find(text, **more).hits]

    def all_paths(self, text: str = "", **more) -> list[str]:
        """Through all pages."""
        query, found = Query(text, site=self.site, **more), []
        while True:
            results = self.index.search(query, NOW)
            found += [hit.url.removeprefix(f"https://{self.site}") for hit in results.hits]
            if results.next is None:
                return found
            query = replace(query, after=results.next)

    def fate(self, offset: int, outcome: str = "indexed", **more) -> Fate:
        return Fate(f"crawl.{self.site}-0-{offset}", outcome, f"https://{self.site}/{offset}", at=NOW + offset, **more)


def outcomes(written: list[Written]) -> list[Outcome]:
    return [one.outcome for one in written]

"""The table of queries as people type them, and the documents that answer them: the demo web's, and some of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from bench.known_items import demo_pages
from riverline.errors import Invalid
from riverline.model import Document
from riverline.parsing.fingerprint import text_digest
from riverline.parsing.parse import parse
from riverline.parsing.tag import tag
from riverline.parsing.url import canonical
from riverline.search.results import Hit, Results

DATA = Path(__file__).parents[1] / "data"
NOW = 1_764_000_000_000
OWN = "typed.example"  # the host of the documents that are not of the demo web


class Expect(StrEnum):
    FIRST = "first"  # one of `what` is the first result
    AMONG = "among"  # one of `what` is among the first three
    HOST = "host"  # there are results, and all are pages of this host
    NONE = "none"  # nothing is found
    ABSENT = "absent"  # none of `what` is found
    CORRECTED = "corrected"  # answered, or proposed, in this spelling
    KEPT = "kept"  # neither corrected nor another spelling proposed


@dataclass(frozen=True, slots=True)
class Typed:
    """One row. `what`: addresses without scheme and `www.`, one of them or a title of its own documents."""

    query: str
    language: str
    kind: str
    expect: Expect
    what: str

    def holds(self, results: Results) -> bool:
        """Is the answer as expected?"""
        first = results.hits[:1]
        match self.expect:
            case Expect.FIRST:
                return bool(first) and self._is(first[0])
            case Expect.AMONG:
                return any(map(self._is, results.hits[:3]))
            case Expect.HOST:
                return bool(first) and {hit.site for hit in results.hits} == {self.what}
            case Expect.NONE:
                return not results.total
            case Expect.ABSENT:
                return not any(map(self._is, results.hits))
            case Expect.CORRECTED:
                return self.what in (results.corrected, results.better)
            case Expect.KEPT:
                return not results.corrected and not results.better

    def _is(self, hit: Hit) -> bool:
        return hit.title == self.what or _address(hit.url) in self.what.split(" ")


def rows() -> list[Typed]:
    """All of the table."""
    return [Typed(*row[:3], Expect(row[3]), row[4]) for row in _table("typed_queries.tsv")]


def documents() -> list[Document]:
    """The demo web's pages as the topology would index them, and the table's own."""
    return list({document.url: document for document in (*_demo(), *_all_own())}.values())


def known() -> set[str]:
    """What a row may name: addresses of the demo web, and titles of the table's own documents."""
    return {_address(canonical(page.url)) for page in demo_pages()} | {one.title for one in _all_own()}


def _address(url: str) -> str:
    return url.partition("://")[2].removeprefix("www.")


def _all_own() -> list[Document]:
    return [_own(number, *row) for number, row in enumerate(_table("typed_documents.tsv"))]


def _demo() -> Iterator[Document]:
    for page in demo_pages():
        page = replace(page, key=canonical(page.key))
        try:
            yield tag(parse(page), page, NOW)
        except Invalid:
            continue


def _own(number: int, title: str, text: str) -> Document:
    url = f"https://{OWN}/{number}"
    return Document(url, OWN, title, "", text, "article", crawled_at=NOW, text_digest=text_digest(title + text))


def _table(name: str) -> list[list[str]]:
    """The rows of a file without its head: split at tabs alone, since queries may hold anything else."""
    return [line.split("\t") for line in (DATA / name).read_text("utf-8").splitlines()[1:] if line]

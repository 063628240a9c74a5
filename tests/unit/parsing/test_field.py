"""Pages, feeds and robots rules as they are in the field: what each file of tests/data/field says of itself is so."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverline.crawl.robots import rules_of
from riverline.model import Page, Target
from riverline.parsing.html.robots_directives import of_headers
from riverline.parsing.parse import parse
from riverline.parsing.tag import tag
from riverline.search.syntax import words
from riverline_crawler.reading.links import outgoing
from riverline_crawler.reading.responses import FetchedResponse, page_of

FOLDER = Path(__file__).parents[2] / "data" / "field"
FETCHED = 1_760_000_000_000  # October 2025
CASES = sorted(path.stem for path in FOLDER.glob("*.case"))


@dataclass(frozen=True)
class Case:
    """A file of the corpus: TOML between two lines of `+++`, then the body as it is served."""

    about: str
    url: str
    content_type: str
    body: bytes
    expected: dict[str, Any]
    x_robots_tag: tuple[str, ...] = field(default=())

    @classmethod
    def read(cls, name: str) -> Case:
        _, head, body = (FOLDER / f"{name}.case").read_text("utf-8").split("+++\n", 2)
        given = tomllib.loads(head)
        encoded = body.encode(given.pop("encoding", "utf-8"))
        return cls(body=encoded, **given | {"x_robots_tag": tuple(given.get("x_robots_tag", ()))})

    @property
    def page(self) -> Page:
        """The page as the crawler hands it on."""
        headers = {"content-type": self.content_type}
        answer = FetchedResponse(
            self.url,
            self.url,
            self.body,
            lambda name: headers.get(name, ""),
            FETCHED,
            robots=of_headers(self.x_robots_tag),
        )
        page = page_of(answer, Target("field", start_urls=(self.url,)), 0, 1 << 20)
        assert page is not None
        return page


def said(case: Case, wanted: str) -> Any:
    """What the project makes of a case, by the name of an expectation."""
    page = case.page
    if wanted in ("links", "own", "moved"):
        found = getattr(outgoing(page), wanted)
        return list(found) if wanted == "links" else found
    if wanted in ("note", "key"):
        return getattr(page, wanted)
    if wanted == "followed":
        return bool(outgoing(page).links) and not of_headers(case.x_robots_tag).nofollow
    parsed = parse(page)
    document = tag(parsed, page, FETCHED)
    named = {
        "kind": parsed.kind,
        "noindex": parsed.noindex,
        "published": parsed.published[:10],
        "tags": list(document.tags),
    }
    return named[wanted] if wanted in named else getattr(document, wanted)


@pytest.mark.parametrize("name", CASES)
def test_a_case_is_read_as_it_should_be(name: str) -> None:
    case = Case.read(name)
    rules = rules_of(200, case.body, "riverlinebot")
    for wanted, value in case.expected.items():
        if wanted in ("allowed", "forbidden"):
            assert all(rules.allows(f"http://weir.example{path}") == (wanted == "allowed") for path in value), (
                case.about
            )
        elif wanted in ("holds", "lacks"):
            body = said(case, "body")
            assert [text for text in value if (text in body) != (wanted == "holds")] == [], (case.about, body)
        else:
            assert said(case, wanted) == value, case.about


ELSEWHERE = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


@pytest.mark.parametrize(("file", "name"), ELSEWHERE.findall((FOLDER / "README.md").read_text("utf-8")))
def test_a_kind_that_is_no_single_body_has_its_test(file: str, name: str) -> None:
    assert f"def {name}(" in (FOLDER.parents[2] / file).read_text("utf-8")


WORDS = st.text("가힣두꺼비바위éüñçåộ한국 abc", min_size=1, max_size=30).filter(lambda text: text.strip())


@given(WORDS, st.sampled_from(["text/html", "text/plain", "application/rss+xml"]))
def test_any_text_in_nfd_is_found_by_its_nfc_form(text: str, content_type: str) -> None:
    apart, composed = (" ".join(unicodedata.normalize(form, text).split()) for form in ("NFD", "NFC"))
    article = f"<article><h1>{apart}</h1><p>{apart}. {'A long line about it. ' * 5}</p></article>"
    item = f"<channel><title>{apart}</title><item><title>{apart}</title></item></channel>"
    bodies = {
        "text/html": f"<title>{apart}</title>{article}",
        "text/plain": f"{apart}\n\n{apart}\n",
        "application/rss+xml": f"<rss version='2.0'>{item}</rss>",
    }
    url, body = "http://weir.example/x", bodies[content_type].encode()
    page = Page(url, url, body, content_type=content_type, fetched_at=FETCHED)
    document = tag(parse(page), page, FETCHED)
    assert composed in document.title
    assert composed in document.body
    assert words(apart) == words(composed)

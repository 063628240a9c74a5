"""No page takes a worker down."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.mutations import MUTATIONS, mutated
from riverline.errors import Invalid
from riverline.model import Page
from riverline.text.limits import deadline
from riverline.text.parse import parse
from riverline.text.tag import tag

NOW = 1_760_000_000_000
SLOWEST = 1.0  # CPU seconds; a page that took longer is measured against the plain one
TIMES = 5  # what the worst page may cost, in plain pages; pages that only nest take two
URL = "http://www.gazette.example/2025/03/04/river"
SOURCE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>The river | Gazette</title>
<meta property="article:published_time" content="2025-03-04T14:30:00+09:00"><meta name="keywords" content="river, 한강">
<script type="application/ld+json">{"@type": "NewsArticle", "headline": "The river", "author": {"name": "Ann"}}</script>
</head><body><nav><a href="/">Home</a><a href="/news">News</a></nav><article class="post"><h1>The river</h1>
<time datetime="2025-03-04">4 March 2025</time><p>The river rose by two metres overnight, and the bridge was closed.</p>
<p>Nobody was hurt, says the mayor, who thanks the firemen and asks for patience until the engineers have
looked at every pier of the bridge; buses go round by the upper valley until the end of the week.</p>
<p>밤사이 내린 비로 한강의 수위가 크게 올랐다. 공원은 문을 닫았고 다리도 막혔다.</p><table><tr><td>1</td></tr></table>
</article><div class="comments"><p>First!</p></div><footer>© Gazette</footer></body></html>""".encode()
PAGE = Page(URL, URL, SOURCE, content_type="text/html", fetched_at=NOW)
PLAIN = Page(URL, URL, b"<p>word</p>" * 50_000, content_type="text/html", fetched_at=NOW)


def document_or_invalid(page: Page) -> None:
    """Seconds say nothing on a machine whose speed changes: a slow page is slow each time, and beside a plain one."""
    if cost(page) < SLOWEST:
        return
    turns = [(cost(page), cost(PLAIN)) for _ in range(3)]
    assert min(page for page, _ in turns) < TIMES * min(plain for _, plain in turns), turns


def cost(page: Page) -> float:
    start = time.thread_time()  # other threads of the test run are not the page's
    try:
        document = tag(parse(page), page, NOW)
    except Invalid as error:
        assert error.reason
    else:
        assert document.created_at is None or document.created_at <= NOW
        assert document.packed()
    return time.thread_time() - start


@settings(max_examples=3000, deadline=None)
@given(st.integers(min_value=0))
def test_a_mutated_page_ends_as_a_document_or_as_invalid(seed):
    document_or_invalid(mutated(PAGE, random.Random(seed)))


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.__name__)
def test_each_mutation_changes_the_page(mutation):
    assert any(mutation(SOURCE, random.Random(seed)) != SOURCE for seed in range(20))


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=3000),
    st.sampled_from(["text/html", "text/xml", "application/json", "text/plain", "application/pdf", ""]),
)
def test_any_bytes_of_any_type_end_as_a_document_or_as_invalid(body, content_type):
    document_or_invalid(Page(URL, URL, body, content_type=content_type, fetched_at=NOW))


@pytest.mark.parametrize(
    "body",
    [
        b"<div>" * 10_000,
        b"<a href=x>" * 15_000,
        b"<p>" + b"word " * 1_500_000,
        b"<p>" + b"2020-01-01 " * 500_000,
        b"<title>" + b" - x" * 500_000,
        b"<p>" + b"!? " * 1_000_000,
        b'<img src="' + "가".encode() * 500_000,
        b"<meta charset" * 100_000,
        b"<h1>" + b"<a href=/>x</a>" * 8_000,
        b"<div>" * 240 + b"<p><a href=x>text</a></p>" * 20_000,
        b"<table><tr><td>" * 80 + b"<table><tr><td>x</table>" * 10_000,
        b"<ul><li>" * 120 + b"<blockquote>x</blockquote>" * 20_000,
        b"<div>" * 10 + b"<p><a href=x>text</a></p>" * 12_000,
    ],
    ids=lambda body: (body[:13] + body[-13:]).decode("utf-8", "replace"),
)
def test_a_page_made_to_be_slow_is_not(body):
    document_or_invalid(Page(URL, URL, body, content_type="text/html", fetched_at=NOW))


def test_what_runs_past_its_deadline_is_invalid():
    with pytest.raises(Invalid) as caught, deadline(0.02):
        while True:
            pass
    assert caught.value.reason == "too_slow"


def test_a_deadline_that_is_kept_leaves_no_timer_behind():
    with deadline(0.02):
        pass
    until = time.monotonic() + 0.05
    while time.monotonic() < until:
        pass

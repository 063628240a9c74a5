"""No page takes a worker down."""

import gc
import random
import resource
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.mutations import MUTATIONS, mutated
from riverline.errors import Invalid
from riverline.model import Page
from riverline.parsing.limits import deadline
from riverline.parsing.parse import parse
from riverline.parsing.tag import tag
from tests.support.laws import examples

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


@pytest.fixture(autouse=True, scope="module")
def own_garbage():
    """Pages are not charged for collecting what thousands of tests before them have left."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
def no_collector():
    """Hypothesis hooks into the collector: what is raised in its hook reaches nobody but the report."""
    gc.disable()
    yield
    gc.enable()


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


@examples(few=400, many=3000)
@given(st.integers(min_value=0))
def test_a_mutated_page_ends_as_a_document_or_as_invalid(seed):
    document_or_invalid(mutated(PAGE, random.Random(seed)))


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.__name__)
def test_each_mutation_changes_the_page(mutation):
    assert any(mutation(SOURCE, random.Random(seed)) != SOURCE for seed in range(20))


@examples(few=150, many=1000)
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
        busy(60)
    assert caught.value.reason == "too_slow"


def busy(seconds):
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


def test_a_library_that_catches_exceptions_does_not_catch_the_deadline(no_collector):
    def library():
        while True:
            with suppress(Exception):
                busy(0.01)

    with pytest.raises(Invalid) as caught, deadline(0.02):
        library()
    assert caught.value.reason == "too_slow"


def test_a_library_that_catches_everything_is_told_again():
    def library():
        for _ in range(2):
            with suppress(BaseException):
                busy(60)
        busy(60)

    with pytest.raises(Invalid, match="too long"), deadline(0.02):
        library()


def test_what_comes_of_a_page_after_its_deadline_is_not_taken():
    with pytest.raises(Invalid, match="too long"), deadline(0.02):
        with suppress(BaseException):
            busy(60)
        raise ValueError("what a library makes of it")


def pdf_of_forms(count: int, writes: int) -> bytes:
    """A PDF whose page draws so many forms, each of so many texts."""
    numbers = range(5, 5 + count)
    drawing = b" ".join(b"/F%d Do" % number for number in numbers)
    named = b" ".join(b"/F%d %d 0 R" % (number, number) for number in numbers)
    form = b"BT /T 9 Tf (word) Tj ET " * writes
    font = b"/Resources<</Font<</T<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"
    head = b"<</Subtype/Form/BBox[0 0 9 9]%b/Length %d>>" % (font, len(form))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</XObject<<%b>>>>>>" % named,
        b"<</Length %d>>stream\n%b\nendstream" % (len(drawing), drawing),
        *(b"%bstream\n%b\nendstream" % (head, form) for _ in numbers),
    ]
    body, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj%bendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    references = b"xref\n0 %d\n0000000000 65535 f \n%b" % (len(objects) + 1, table)
    return body + references + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(body))


def test_a_pdf_whose_reader_goes_on_after_any_exception_is_stopped(no_collector):
    def pdf(count: int) -> Page:
        return Page(URL, URL, pdf_of_forms(count, 2_000), content_type="application/pdf", fetched_at=NOW)

    page = pdf(40)
    parse(pdf(1))  # the reader is imported
    began = time.process_time()
    with pytest.raises(Invalid) as stopped, deadline(0.1):
        parse(page)
    assert stopped.value.reason == "too_slow"
    assert time.process_time() - began < 1.0


FATAL = """
from riverline.parsing.limits import deadline

def stubborn():
    while True:
        try:
            while True:
                len("nothing")
        except BaseException:
            continue

with deadline(0.02, fatal=0.5):
    while True:
        try:
            stubborn()
        except BaseException:
            continue
"""


def test_a_process_that_nothing_stops_is_ended_by_the_kernel():
    run = subprocess.run([sys.executable, "-c", FATAL], timeout=60, preexec_fn=no_core)
    assert run.returncode == -signal.SIGXCPU


def no_core():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def test_a_deadline_that_is_kept_leaves_the_processor_time_unlimited():
    before = resource.getrlimit(resource.RLIMIT_CPU)
    with deadline(5, fatal=5):
        assert resource.getrlimit(resource.RLIMIT_CPU) != before
    assert resource.getrlimit(resource.RLIMIT_CPU) == before


def test_a_deadline_that_is_kept_leaves_no_timer_behind():
    with deadline(0.02):
        pass
    until = time.monotonic() + 0.05
    while time.monotonic() < until:
        pass

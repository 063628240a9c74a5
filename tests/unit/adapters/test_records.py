"""The form of a record in Kafka."""

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverline.errors import Invalid
from riverline.model import Origin, Page
from riverline.pipeline.contracts import Failure
from riverline.pipeline.records import failure_headers, failure_of, page_of, page_to_record, record_of, record_to_page

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)
COUNT = st.integers(0, 10**14)
PAGES = st.builds(
    Page,
    url=TEXT.filter(bool),
    key=TEXT.filter(bool),
    body=st.binary(max_size=200),
    status=st.integers(100, 599),
    content_type=TEXT,
    charset=TEXT,
    fetched_at=COUNT,
    target=TEXT,
    keywords=st.lists(TEXT, max_size=4).map(tuple),
    etag=TEXT,
    last_modified=TEXT,
    depth=st.integers(0, 1000),
    note=TEXT,
)
PAGE = Page(url="http://a.example/", key="http://a.example/", body=b"<p>a")


@dataclass
class Raw:
    """A record as a Kafka client hands it over."""

    key: bytes | None = b"http://a.example/"
    value: bytes | None = b"<p>a"
    headers: list = field(default_factory=lambda: [("url", b"http://a.example/")])
    topic: str = "crawl.a.example"
    partition: int = 0
    offset: int = 7
    timestamp: int = 1_700_000_000_000


@given(PAGES)
def test_a_page_comes_back_from_its_record_as_it_was(page: Page) -> None:
    assert record_to_page(*page_to_record(page)) == page


@given(PAGES)
def test_the_body_is_the_value_byte_for_byte_and_the_key_is_the_canonical_url(page: Page) -> None:
    key, value, _ = page_to_record(page)
    assert value == page.body
    assert key.decode() == page.key


def test_a_record_knows_where_it_stands() -> None:
    record = record_of(Raw())
    assert record.origin == Origin("crawl.a.example", 0, 7)
    assert record.timestamp == 1_700_000_000_000
    assert record.page == PAGE


def test_an_unknown_header_is_passed_over() -> None:
    assert page_of(Raw(headers=[("url", b"http://a.example/"), ("colour", b"\xff")])) == PAGE


@pytest.mark.parametrize(
    ("record", "names"),
    [
        (Raw(headers=[]), "url"),
        (Raw(key=None), "key"),
        (Raw(value=None), "value"),
        (Raw(key=b"\xff"), "key"),
        (Raw(headers=[("url", b"\xff")]), "url"),
        (Raw(headers=[("url", b"http://a/"), ("status", b"two")]), "status"),
        (Raw(headers=[("url", b"http://a/"), ("fetched_at", b"-1")]), "fetched_at"),
        (Raw(headers=[("url", b"http://a/"), ("depth", "²".encode())]), "depth"),
        (Raw(headers=[("url", b"http://a/"), ("keywords", b"[1]")]), "keywords"),
        (Raw(headers=[("url", b"http://a/"), ("keywords", b"{")]), "keywords"),
    ],
)
def test_a_bad_record_is_invalid_and_the_error_names_what_is_bad(record: Raw, names: str) -> None:
    with pytest.raises(Invalid, match=names) as raised:
        page_of(record)
    assert raised.value.reason == "bad_record"


def test_a_dead_letter_says_where_it_came_from_and_why() -> None:
    failure = Failure(Origin("crawl.a-b.example", 3, 12), "parse", "한글이 깨졌다", 5, 1_700_000_000_000)
    assert failure_of(Raw(headers=failure_headers(failure))) == failure
    traced = replace(failure, traceback='File "parse.py", line 7, in 본문')
    assert failure_of(Raw(headers=failure_headers(traced))) == traced


def test_an_error_of_any_length_still_fits_a_dead_letter() -> None:
    failure = Failure(Origin("crawl.a", 0, 0), "parse", "x" * 1_000_000, 1, 0)
    assert failure_of(Raw(headers=failure_headers(failure))) == replace(failure, error="x" * 2_000)

"""The form of a record in Kafka."""

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverline.errors import Invalid
from riverline.model import Origin, Page
from riverline.parsing.fingerprint import page_digest
from riverline.parsing.parse import parse
from riverline.pipeline.body_encoding import packed_body, unpacked_body
from riverline.pipeline.contracts import Failure
from riverline.pipeline.envelope import Envelope
from riverline.pipeline.records import (
    failure_headers,
    failure_of,
    headers_of,
    page_of,
    page_to_record,
    record_of,
    record_to_page,
    sealed_of,
)

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
def test_a_page_comes_back_from_a_record_of_before_as_it_was(page: Page) -> None:
    assert record_to_page(page.key.encode(), page.body, headers_of(page)) == page


@given(PAGES)
def test_the_value_is_the_packed_body_and_the_key_is_the_canonical_url(page: Page) -> None:
    key, value, headers = page_to_record(page)
    told = dict(headers)
    assert key.decode() == page.key
    if page.body.strip():
        assert (unpacked_body(value), told["content_encoding"]) == (page.body, b"zstd")
        assert told["digest"].decode() == page_digest(page.key, page.body)
    else:
        assert value == page.body and "content_encoding" not in told


@given(PAGES)
def test_what_goes_on_is_the_same_whichever_form_the_record_has(page: Page) -> None:
    key, value, headers = page_to_record(page)
    now = sealed_of(Raw(key=key, value=value, headers=headers))
    assert now == sealed_of(Raw(key=key, value=page.body, headers=headers_of(page)))
    assert now.page == page
    assert Envelope.unpacked(Envelope.of(now, "crawl.a-0-1", 7, 1).packed()).page == page


def test_a_topology_that_knows_no_packed_bodies_makes_a_dead_letter_of_one() -> None:
    """It reads the headers that it knows, and takes the value for the body."""
    _, value, headers = page_to_record(replace(PAGE, content_type="text/html"))
    known = [(name, text) for name, text in headers if name not in ("content_encoding", "digest", "packed_type")]
    with pytest.raises(Invalid) as raised:
        parse(record_to_page(b"http://a.example/", value, known))
    assert raised.value.reason == "unsupported_type"


def packed(body: bytes = b"<p>a", **changed: bytes) -> Raw:
    """A record with a packed body and changed headers."""
    told = {"content_encoding": b"zstd", "digest": page_digest(PAGE.key, b"<p>a").encode(), **changed}
    return Raw(value=packed_body(body), headers=[("url", b"http://a.example/"), *told.items()])


def test_a_digest_that_is_not_the_body_s_makes_a_bad_record() -> None:
    assert page_of(packed()) == PAGE
    with pytest.raises(Invalid, match="digest") as raised:
        page_of(packed(b"<p>b"))
    assert raised.value.reason == "bad_record"


def test_a_bomb_is_too_large() -> None:
    with pytest.raises(Invalid) as raised:
        page_of(packed(b"\0" * (64 << 20)))
    assert raised.value.reason == "too_large"


@pytest.mark.parametrize(
    "record",
    [packed(digest=b""), packed(digest=b"no digest"), packed(content_encoding=b"br"), replace(packed(), value=b"")],
)
def test_the_spout_buries_a_packed_record_that_tells_too_little(record: Raw) -> None:
    with pytest.raises(Invalid) as raised:
        sealed_of(record)
    assert raised.value.reason == "bad_record"


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

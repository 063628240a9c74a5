"""The form of a record in Kafka, both ways: pure functions between a `Page` and key, value and headers.

The key is the canonical URL, the value the body, and everything else stands in the headers as UTF-8 text: numbers in
decimal, keywords as a JSON list. Dead letters carry the same and six headers more. An unknown header is passed over, so
that a newer producer does not stop an older consumer; a missing one that has a default is the default.

A body that says something is packed, and three headers tell of it: `content_encoding`, `digest`, and the body's own
type in `packed_type`, while `content_type` is that of the value. So a topology that knows nothing of packed bodies
makes dead letters of them, for want of a parser, and no documents of noise. Without `content_encoding` the value is the
body byte for byte: so all records of before are, and those of white space.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

import orjson

from riverline.errors import Invalid
from riverline.model import Origin, Page
from riverline.pipeline.body_encoding import ZSTD
from riverline.pipeline.contracts import Failure, Raw, Record
from riverline.pipeline.envelope import SealedPage

Headers = list[tuple[str, bytes]]

_TEXTS = ("content_type", "charset", "target", "etag", "last_modified", "note", "replay_of")
_ENCODING = "content_encoding"
_NUMBERS = ("status", "fetched_at", "depth")
_FAILURE = ("origin", "stage", "error", "attempts", "failed_at")
_PACKED_TYPE = "application/zstd"  # of RFC 8878
_DIGEST = re.compile(r"[0-9a-f]{40}")
_ERROR_LENGTH = 2_000  # characters of an error that are kept: a record must not fail for the length of its explanation


def headers_of(page: Page) -> Headers:
    """The headers of a page's record."""
    texts = {"url": page.url, **{name: getattr(page, name) for name in _TEXTS}}
    numbers = {name: str(getattr(page, name)) for name in _NUMBERS}
    headers = [(name, text.encode("utf-8", "replace")) for name, text in {**texts, **numbers}.items() if text]
    return [*headers, ("keywords", orjson.dumps(list(page.keywords)))] if page.keywords else headers


def failure_headers(failure: Failure) -> Headers:
    """What a dead letter carries beyond the headers of its page."""
    texts = (
        str(failure.origin),
        failure.stage,
        failure.error[:_ERROR_LENGTH],
        str(failure.attempts),
        str(failure.failed_at),
    )
    headers = [(name, text.encode("utf-8", "replace")) for name, text in zip(_FAILURE, texts, strict=True)]
    traceback = failure.traceback.encode("utf-8", "replace")
    return [*headers, ("traceback", traceback)] if traceback else headers


def page_to_record(page: Page) -> tuple[bytes, bytes, Headers]:
    """Key, value and headers of a page's record: the body is packed."""
    sealed = SealedPage.of(page)
    if not sealed.body:
        return page.key.encode(), page.body, headers_of(page)
    told = ((_ENCODING, ZSTD), ("digest", sealed.digest), ("packed_type", page.content_type))
    headers = headers_of(replace(sealed.headers, content_type=_PACKED_TYPE))
    packed = [(name, text.encode("utf-8", "replace")) for name, text in told if text]
    return page.key.encode(), sealed.body, [*headers, *packed]


def record_to_page(key: bytes | None, value: bytes | None, headers: Iterable[tuple[str, bytes]]) -> Page:
    """The inverse of `page_to_record`; records of before are read too. Raises Invalid (`bad_record`) for what no
    producer of ours would write, and `too_large` for a body that is too long when unpacked."""
    given = dict(headers)
    return _sealed(key, value, given).page if given.get(_ENCODING) else _page(key, value, given)


def sealed_of(record: Raw) -> SealedPage:
    """The page of a record with its body as it is, for who sends it on; that of a record of before is packed. Raises
    Invalid (`bad_record`): what is wrong with the body itself shows when it is unpacked."""
    given = dict(record.headers or ())
    if given.get(_ENCODING):
        return _sealed(record.key, record.value, given)
    return SealedPage.of(_page(record.key, record.value, given))


def _sealed(key: bytes | None, value: bytes | None, given: Mapping[str, bytes]) -> SealedPage:
    if (encoding := _text(given, _ENCODING)) != ZSTD:
        raise Invalid(f"the body is packed in a way that is not known: {encoding[:40]!r}", "bad_record")
    if not _DIGEST.fullmatch(digest := _text(given, "digest")):
        raise Invalid(f"the header digest is none: {digest[:50]!r}", "bad_record")
    headers = replace(_page(key, value and b"", given), content_type=_text(given, "packed_type"))
    if not value:
        raise Invalid("the record has a packed body without a byte", "bad_record")
    return SealedPage(headers, bytes(value), digest)


def _page(key: bytes | None, value: bytes | None, given: Mapping[str, bytes]) -> Page:
    if not key or value is None:
        raise Invalid("the record has no key or no value", "bad_record")
    return Page(
        url=_text(given, "url", required=True),
        key=_decoded("key", key),
        body=bytes(value),
        keywords=_keywords(given),
        **{name: _text(given, name) for name in _TEXTS},  # type: ignore[arg-type]
        **{name: _number(given, name) for name in _NUMBERS if name in given},  # type: ignore[arg-type]
    )


def page_of(record: Raw) -> Page:
    """The page of a record as a Kafka client hands it over. Raises Invalid (`bad_record`)."""
    return record_to_page(record.key, record.value, record.headers or ())


def record_of(raw: Raw) -> Record:
    """The record with its page and where it stands. Raises Invalid (`bad_record`)."""
    return Record(Origin(raw.topic, raw.partition, raw.offset), raw.timestamp, page_of(raw))


def failure_of(record: Raw) -> Failure:
    """Why a record of the dead letters is there. Raises Invalid (`bad_record`)."""
    given = dict(record.headers or ())
    try:
        origin = Origin.parse(_text(given, "origin", required=True))
    except ValueError as error:
        raise Invalid(f"the header origin is not topic-partition-offset: {error}", "bad_record") from error
    attempts, failed_at = _number(given, "attempts"), _number(given, "failed_at")
    return Failure(origin, _text(given, "stage"), _text(given, "error"), attempts, failed_at, _text(given, "traceback"))


def _text(given: Mapping[str, bytes], name: str, required: bool = False) -> str:
    if required and not given.get(name):
        raise Invalid(f"the record has no header {name}", "bad_record")
    return _decoded(f"header {name}", given.get(name) or b"")


def _number(given: Mapping[str, bytes], name: str) -> int:
    text = _text(given, name, required=True)
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise Invalid(f"the header {name} is not a number: {text[:40]!r}", "bad_record")
    return int(text)


def _keywords(given: Mapping[str, bytes]) -> tuple[str, ...]:
    try:
        words = orjson.loads(given.get("keywords") or b"[]")
    except orjson.JSONDecodeError as error:
        raise Invalid(f"the header keywords is not JSON: {error}", "bad_record") from error
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise Invalid("the header keywords is not a list of words", "bad_record")
    return tuple(words)


def _decoded(what: str, value: bytes) -> str:
    try:
        return bytes(value).decode()
    except UnicodeDecodeError as error:
        raise Invalid(f"the {what} is not UTF-8: {error}", "bad_record") from error

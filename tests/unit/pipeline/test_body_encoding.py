"""Bodies are packed and unpacked as they were, and no frame takes more memory than a body may have."""

from __future__ import annotations

import tracemalloc

import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from riverline.errors import Invalid
from riverline.parsing.limits import MAX_BYTES
from riverline.pipeline.body_encoding import LEVEL, packed_body, unpacked_body


@given(st.binary(max_size=2_000))
def test_a_body_comes_back_byte_for_byte(body: bytes) -> None:
    assert unpacked_body(packed_body(body)) == body


def test_a_body_as_long_as_a_body_may_be_is_unpacked() -> None:
    assert len(unpacked_body(packed_body(b"a" * MAX_BYTES))) == MAX_BYTES


def test_a_bomb_is_too_large_and_is_not_unpacked() -> None:
    bomb = zstd.compress(b"\0" * (256 << 20), LEVEL)
    assert len(bomb) < 64 << 10
    tracemalloc.start()
    try:
        with pytest.raises(Invalid) as raised:
            unpacked_body(bomb)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert raised.value.reason == "too_large"
    assert most < 4 * MAX_BYTES


def test_a_frame_that_asks_for_more_memory_than_a_body_takes_is_refused() -> None:
    writer = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: 27})
    frame = writer.compress(b"a", writer.FLUSH_BLOCK) + writer.compress(b"b", writer.FLUSH_FRAME)
    with pytest.raises(Invalid, match="cannot be unpacked"):
        unpacked_body(frame)


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"<p>as it was fetched",
        packed_body(b"a page")[:-1],
        packed_body(b"a page") + b"more",
        packed_body(b"one") + packed_body(b"two"),
        packed_body(b"a page" * 100)[:9] + b"\xff" * 8,
    ],
)
def test_what_is_no_single_whole_frame_is_a_bad_record(frame: bytes) -> None:
    with pytest.raises(Invalid) as raised:
        unpacked_body(frame)
    assert raised.value.reason == "bad_record"

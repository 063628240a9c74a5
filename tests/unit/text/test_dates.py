"""Dates as they are written."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverline.text.dates import KOREA, in_url, iso, milliseconds

NOW = 1_760_000_000_000  # 2025-10-09T08:53:20Z


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2025-03-04", "2025-03-04"),
        ("20250304", "2025-03-04"),
        ("2025-03-04T14:30:00+09:00", "2025-03-04T14:30:00+09:00"),
        ("2025-03-04T14:30:00.123+0900", "2025-03-04T14:30:00+09:00"),
        ("2025-03-04T05:30Z", "2025-03-04T05:30:00+00:00"),
        ("2025-03-04 14:30 KST", "2025-03-04T14:30:00+09:00"),
        ("Tue, 04 Mar 2025 14:30:00 +0900", "2025-03-04T14:30:00+09:00"),
        ("2025년 3월 4일 오후 2:30", "2025-03-04T14:30:00"),
        ("2025년 3월 4일 오전 12시 5분", "2025-03-04T00:05:00"),
        ("2025년 3월 4일(화) 14:30", "2025-03-04T14:30:00"),
        ("입력 2025.03.04. 14:30", "2025-03-04T14:30:00"),
        ("2025. 3. 4.", "2025-03-04"),
        ("2025年3月4日", "2025-03-04"),
        ("4. März 2025", "2025-03-04"),
        ("March 4th, 2025", "2025-03-04"),
        ("4 de marzo de 2025", "2025-03-04"),
        ("04.03.2025", "2025-03-04"),
        ("03/25/2025", "2025-03-25"),
        ("2025-02-30", ""),
        ("phone 010-2025-0304", ""),
        ("", ""),
    ],
)
def test_a_date_is_read(written, read):
    assert iso(written) == read


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("http://a.example/2025/03/04/story", "2025-03-04"),
        ("http://a.example/news/20250304001", ""),
        ("http://a.example/2025-03-04-story.html", "2025-03-04"),
        ("http://a.example/news/04-03-2025-story", "2025-03-04"),
        ("http://2025-03-04.example/story", ""),
        ("http://a.example/item/2025/99/99", ""),
    ],
)
def test_a_date_in_a_url_is_read(url, day):
    assert in_url(url) == day


def test_a_date_without_an_offset_takes_the_assumed_one():
    assert milliseconds("2025-03-04T14:30:00", NOW, KOREA) == milliseconds("2025-03-04T05:30:00+00:00", NOW)


def test_a_given_offset_is_kept_whatever_is_assumed():
    assert milliseconds("2025-03-04T14:30:00-05:00", NOW, KOREA) == milliseconds("2025-03-04T19:30:00Z", NOW)


def test_a_date_in_the_future_is_none():
    assert milliseconds("2025-10-10", NOW) is None


def test_a_clock_that_runs_a_little_ahead_counts_as_now():
    assert milliseconds("2025-10-09T09:00:00+00:00", NOW) == NOW


@pytest.mark.parametrize("written", ["", "soon", "1899-01-01", "2025-13-01"])
def test_what_is_no_date_of_the_web_is_none(written):
    assert milliseconds(written, NOW) is None


@given(st.datetimes(), st.sampled_from([timedelta(), KOREA, timedelta(hours=-11)]))
def test_no_date_lies_in_the_future(moment, assumed):
    at = milliseconds(moment.isoformat(), NOW, assumed)
    assert at is None or at <= NOW


@given(st.text(max_size=400))
def test_any_text_is_a_date_or_none(text):
    read = iso(text)
    assert read == "" or milliseconds(read, 1 << 41) is not None or read > "2039"

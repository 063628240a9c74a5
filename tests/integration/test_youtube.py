"""The crawler against a server that answers as YouTube's Data API does."""

from collections.abc import Iterator

import pytest

from riverline.model import Target
from riverline.settings import Crawl
from tests.integration.crawling import crawled
from tests.support.youtube import CHANNEL, VIDEOS, YouTube, running

KEYS = {f"https://www.youtube.com/watch?v=video-{number}" for number in range(VIDEOS)}
CHANNEL_URL = f"https://www.youtube.com/channel/{CHANNEL}"


@pytest.fixture
def youtube() -> Iterator[YouTube]:
    with running() as served:
        yield served


def settings(youtube: YouTube, key: str = "k") -> Crawl:
    return Crawl(youtube_key=key, youtube_api=youtube.api, youtube_feeds=youtube.feeds)


def test_all_videos_of_a_channel_are_fetched_with_the_key_and_without_its_robots_txt(youtube: YouTube) -> None:
    target = Target("films", "youtube", (CHANNEL_URL,), rate=200.0)
    found = crawled([target], settings(youtube))
    assert found.keys == KEYS
    assert set(found.pages) == {"crawl.youtube.com"}
    assert {key for _, _, key in youtube.asked} == {"k"}
    assert [what for what, _, _ in youtube.asked].count("playlistItems") == 3


def test_a_keyword_is_searched_for(youtube: YouTube) -> None:
    found = crawled([Target("films", "youtube", keywords=("등대",), rate=200.0)], settings(youtube))
    assert found.keys == KEYS
    assert {asked["q"] for what, asked, _ in youtube.asked if what == "search"} == {"등대"}


def test_without_a_key_the_feed_of_a_channel_is_read(youtube: YouTube) -> None:
    found = crawled([Target("films", "youtube", (CHANNEL_URL,), rate=200.0)], settings(youtube, key=""))
    assert found.keys == KEYS
    assert {what for what, _, _ in youtube.asked} == {"videos.xml"}


def test_a_refusal_is_counted_by_its_reason(youtube: YouTube) -> None:
    youtube.refusal = "quotaExceeded"
    found = crawled([Target("films", "youtube", (CHANNEL_URL,), rate=200.0)], settings(youtube))
    assert found.report.of("films").answers == {"quotaExceeded": 1}

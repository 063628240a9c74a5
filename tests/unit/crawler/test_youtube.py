"""YouTube through its Data API, and through feeds without a key."""

from collections import deque
from urllib.parse import parse_qs, urlsplit

import pytest

from riverline.crawl.targets import target_of
from riverline.errors import Invalid
from riverline.model import Page, Target
from riverline.parsing.parse import parse
from riverline.parsing.tag import tag
from riverline.settings import Crawl
from riverline_crawler.reading import youtube
from tests.support.youtube import CHANNEL, UPLOADS, VIDEOS, YouTube, feed

KEYED, KEYLESS = Crawl(youtube_key="k"), Crawl()
API = KEYED.youtube_api


def target(*urls: str, keywords: tuple[str, ...] = ()) -> Target:
    return Target("films", "youtube", tuple(urls), keywords)


def walked(first: str) -> tuple[list[str], list[Page]]:
    """Follows a request to its end. Gives what was asked for, and the pages."""
    server, waiting, asked, pages = YouTube(), deque([first]), [], []
    while waiting:
        url = waiting.popleft()
        parts = urlsplit(url)
        asked.append(parts.path.rsplit("/", 1)[-1])
        parameters = {name: values[0] for name, values in parse_qs(parts.query).items()}
        step = youtube.read(url, server.answer(parts.path, parameters, "k")[2], KEYED)
        waiting.extend(step.requests)
        pages += [youtube.page_of(video, target(), 7) for video in step.videos]
    return asked, pages


@pytest.mark.parametrize(
    ("url", "request_"),
    [
        (f"https://www.youtube.com/channel/{CHANNEL}", f"{API}/channels?id={CHANNEL}&part=contentDetails"),
        ("https://www.youtube.com/@harbour", f"{API}/channels?forHandle=%40harbour&part=contentDetails"),
        (
            "https://www.youtube.com/playlist?list=PLx",
            f"{API}/playlistItems?maxResults=50&part=contentDetails&playlistId=PLx",
        ),
    ],
)
def test_channels_and_playlists_are_asked_for_by_their_addresses(url: str, request_: str) -> None:
    assert youtube.starts(target(url), KEYED) == (request_,)


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("https://www.youtube.com/@%ED%95%9C%EA%B5%AD", "forHandle=%40%ED%95%9C%EA%B5%AD"),
        ("https://www.youtube.com/@한국", "forHandle=%40%ED%95%9C%EA%B5%AD"),
        ("https://m.youtube.com/@harbour/videos", "forHandle=%40harbour"),
        ("https://www.youtube.com/user/harbour", "forUsername=harbour"),
        ("https://www.youtube.com/shorts/abcdefghij1", "id=abcdefghij1"),
        ("https://www.youtube.com/e/abcdefghij1", "id=abcdefghij1"),
        ("https://www.youtube.com/watch/abcdefghij1", "id=abcdefghij1"),
        ("https://www.youtube.com/feeds/videos.xml?user=harbour", "forUsername=harbour"),
        ("https://www.youtube.com/@%E1%84%92%E1%85%A1%E1%86%AB", "forHandle=%40%ED%95%9C"),
        ("https://www.youtube.com/live/abcdefghij1?feature=share", "id=abcdefghij1"),
        ("https://youtu.be/abcdefghij1?t=3", "id=abcdefghij1"),
    ],
)
def test_an_address_is_read_as_a_browser_copies_it(url: str, asked: str) -> None:
    (request_,) = youtube.starts(target(url), KEYED)
    assert asked in request_


@pytest.mark.parametrize(
    "url",
    [
        "https://www.youtube.com/c/harbour",
        "https://www.youtube.com/",
        "https://youtu.be/",
        "https://www.youtube.com/watch?v=x",
        "https://films.example/@harbour",
        "https://films.example/watch?v=abcdefghij1",
    ],
)
def test_an_address_of_nothing_that_is_known_is_refused_with_a_sentence(url: str) -> None:
    with pytest.raises(Invalid, match="not a channel, playlist or video"):
        target_of({"name": "yt", "kind": "youtube", "start_urls": (url,)})


def test_keywords_are_searches() -> None:
    (request,) = youtube.starts(target(keywords=("등대 불빛",)), KEYED)
    assert urlsplit(request).path.endswith("/search")
    assert parse_qs(urlsplit(request).query)["q"] == ["등대 불빛"]


def test_without_a_key_there_are_the_feeds_of_channels_and_playlists() -> None:
    urls = (f"https://www.youtube.com/channel/{CHANNEL}", "https://www.youtube.com/playlist?list=PLx")
    found = youtube.starts(target(*urls, "https://www.youtube.com/@harbour", keywords=("x",)), KEYLESS)
    feeds = KEYLESS.youtube_feeds
    assert found == (f"{feeds}?channel_id={CHANNEL}", f"{feeds}?playlist_id=PLx")


def test_a_channel_leads_to_every_video_that_it_has_uploaded() -> None:
    asked, pages = walked(f"{API}/channels?id={CHANNEL}&part=contentDetails")
    assert sorted(asked) == ["channels"] + ["playlistItems"] * 3 + ["videos"] * 3
    assert [page.key for page in pages] == [f"https://www.youtube.com/watch?v=video-{n}" for n in range(VIDEOS)]


def test_a_search_leads_to_its_videos_page_by_page() -> None:
    asked, pages = walked(f"{API}/search?q=x")
    assert asked.count("search") == 3
    assert len(pages) == VIDEOS


def test_a_video_becomes_a_document_of_its_own() -> None:
    _, pages = walked(f"{API}/videos?id=video-3&part=snippet")
    parsed = parse(pages[0])
    assert (parsed.kind, parsed.title, parsed.author) == ("video", "등대 3: a lighthouse & the tide", "Harbour films")
    assert (parsed.published, parsed.tags, parsed.language) == ("2025-03-04T09:00:00Z", ("lighthouse", "등대"), "ko")
    assert (parsed.image, parsed.text) == ("http://img.example/video-3.jpg", "How lamp number 3 is kept burning.")
    document = tag(parsed, pages[0], 1_760_000_000_000)
    assert (document.content_type, document.seconds, document.views) == ("video", 253, 300)


def test_an_entry_of_a_feed_becomes_the_same_document() -> None:
    step = youtube.read(f"{KEYLESS.youtube_feeds}?channel_id={CHANNEL}", feed(), KEYLESS)
    assert len(step.videos) == VIDEOS
    parsed = parse(youtube.page_of(step.videos[3], target(), 7))
    assert (parsed.kind, parsed.title) == ("video", "등대 3: a lighthouse & the tide")
    assert parsed.published.startswith("2025-03-04")


def test_a_search_costs_a_hundred_units_everything_else_one_and_feeds_nothing() -> None:
    assert youtube.units(f"{API}/search?q=x", KEYED) == 100
    assert youtube.units(f"{API}/videos?id=x", KEYED) == 1
    assert youtube.units(KEYED.youtube_feeds + "?channel_id=x", KEYED) == 0


def test_a_day_of_the_quota_begins_at_midnight_pacific_time() -> None:
    assert youtube.quota_day(1_741_075_199_000) == "2025-03-03"
    assert youtube.quota_day(1_741_075_200_000) == "2025-03-04"


def test_the_key_stands_in_no_address() -> None:
    keyed = Crawl(youtube_key="geheim")
    made = youtube.starts(target(f"https://www.youtube.com/channel/{CHANNEL}", keywords=("x",)), keyed)
    assert not any("geheim" in url for url in made)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"items": 3}', b"<html>"])
def test_what_is_not_the_api_s_is_refused(body: bytes) -> None:
    with pytest.raises(Invalid):
        youtube.read(f"{API}/videos?id=x", body, KEYED)


def test_a_refusal_says_its_reason() -> None:
    server = YouTube(refusal="quotaExceeded")
    assert youtube.problem(server.answer("/youtube/v3/search", {}, "k")[2]) == "quotaExceeded"
    assert youtube.problem(b"<html>") == ""
    assert UPLOADS.startswith("UU")

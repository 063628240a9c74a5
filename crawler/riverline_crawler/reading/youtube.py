"""YouTube: which requests of the Data API (v3) a target needs, what follows from an answer, what they cost. Pure.

With a key: `channels` gives a channel's playlist of uploads, `playlistItems` and `search` the ids of videos, page by
page, `videos` what a video is, fifty at a time. Each video becomes a record of its own, under its watch address.
Without a key there are the Atom feeds of channels and playlists, with the newest videos; an entry becomes the same
record. The key travels in the header X-Goog-Api-Key, never in an address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from zoneinfo import ZoneInfo

import orjson
from lxml import etree

from riverline.crawl.youtube_addresses import youtube_address
from riverline.errors import Invalid
from riverline.model import Page, Target
from riverline.parsing.formats.video import WATCH
from riverline.settings import Crawl

PAGE = 50  # results of one answer, the most that the API gives
SEARCH_UNITS = 100  # of the quota; every other request costs one
PARTS = "snippet,contentDetails,statistics"
QUOTA_ZONE = ZoneInfo("America/Los_Angeles")  # where a day of the quota begins
NAMES = {
    "atom": "http://www.w3.org/2005/Atom",
    "yt": "http://www.youtube.com/xml/schemas/2015",
    "media": "http://search.yahoo.com/mrss/",
}


@dataclass(frozen=True, slots=True)
class YoutubeStep:
    """What follows from an answer: requests to make, videos to keep."""

    requests: tuple[str, ...] = ()
    videos: list[dict[str, Any]] = field(default_factory=list)


def starts(target: Target, crawl: Crawl) -> tuple[str, ...]:
    """The first requests of a target: its channels, playlists and videos by their addresses, its keywords as searches.
    Handles, users, videos and keywords need a key and are passed over without one. Raises Invalid for an address that
    stands for none of these."""
    keyed = bool(crawl.youtube_key.get_secret_value())
    made = [_of_address(url, crawl, keyed) for url in target.start_urls]
    searches = [_search(word, crawl) for word in target.keywords] if keyed else []
    return tuple(dict.fromkeys(filter(None, [*made, *searches])))


def is_api(url: str, crawl: Crawl) -> bool:
    return url.startswith(crawl.youtube_api + "/")


def units(url: str, crawl: Crawl) -> int:
    """What a request costs of the quota; 0: it is not one of the API's."""
    if not is_api(url, crawl):
        return 0
    return SEARCH_UNITS if urlsplit(url).path.endswith("/search") else 1


def quota_day(now_ms: int) -> str:
    """The day of the quota that a time is in."""
    return datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(QUOTA_ZONE).strftime("%Y-%m-%d")


def read(url: str, body: bytes, crawl: Crawl) -> YoutubeStep:
    """What follows from an answer with status 200. Raises Invalid for one that is not the API's, or no feed."""
    if not is_api(url, crawl):
        return YoutubeStep(videos=list(_of_feed(body)))
    try:
        answer = orjson.loads(body)
        items = [item for item in answer["items"] if isinstance(item, dict)]
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise Invalid(f"the answer is not the YouTube Data API's: {error!r}", "broken_json") from error
    what = urlsplit(url).path.rsplit("/", 1)[-1]
    if what == "videos":
        return YoutubeStep(videos=[item for item in items if isinstance(item.get("id"), str)])
    if what == "channels":
        uploads = [_inner(item, "contentDetails", "relatedPlaylists", "uploads") for item in items]
        return YoutubeStep(tuple(_playlist(playlist, crawl) for playlist in uploads if playlist))
    places = (("contentDetails", "videoId"),) if what == "playlistItems" else (("id", "videoId"),)
    ids = [found for item in items for place in places if (found := _inner(item, *place))]
    following = [_with_token(url, token)] if (token := answer.get("nextPageToken")) else []
    return YoutubeStep((*([_videos(ids, crawl)] if ids else []), *following))


def page_of(video: dict[str, Any], target: Target, fetched_at: int) -> Page:
    """The record of one video."""
    address = WATCH + video["id"]
    body = orjson.dumps({"kind": "youtube#video", **video})
    return Page(
        address, address, body, content_type="application/json", charset="utf-8", fetched_at=fetched_at,
        target=target.name, keywords=target.keywords,
    )  # fmt: skip


def problem(body: bytes) -> str:
    """The reason of a refusal, as the API gives it: quotaExceeded, keyInvalid, ..."""
    try:
        reason = orjson.loads(body)["error"]["errors"][0]["reason"]
    except (orjson.JSONDecodeError, KeyError, IndexError, TypeError):
        return ""
    return reason if isinstance(reason, str) and re.fullmatch(r"\w{1,40}", reason) else ""


def _of_address(url: str, crawl: Crawl, keyed: bool) -> str:
    address = youtube_address(url)
    if address.kind == "playlist":
        return _playlist(address.id, crawl) if keyed else _feed({"playlist_id": address.id}, crawl)
    if address.kind == "channel":
        return _channel({"id": address.id}, crawl) if keyed else _feed({"channel_id": address.id}, crawl)
    if not keyed:
        return ""
    if address.kind == "video":
        return _videos([address.id], crawl)
    return _channel({"forHandle" if address.kind == "handle" else "forUsername": address.id}, crawl)


def _feed(of: dict[str, str], crawl: Crawl) -> str:
    return f"{crawl.youtube_feeds}?{urlencode(of)}"


def _asked(what: str, crawl: Crawl, **parameters: str | int) -> str:
    return f"{crawl.youtube_api}/{what}?{urlencode(sorted(parameters.items()))}"


def _channel(by: dict[str, str], crawl: Crawl) -> str:
    return _asked("channels", crawl, part="contentDetails", **by)


def _playlist(playlist: str, crawl: Crawl) -> str:
    return _asked("playlistItems", crawl, part="contentDetails", playlistId=playlist, maxResults=PAGE)


def _search(words: str, crawl: Crawl) -> str:
    return _asked("search", crawl, part="snippet", type="video", order="date", q=words, maxResults=PAGE)


def _videos(ids: list[str], crawl: Crawl) -> str:
    return _asked("videos", crawl, part=PARTS, id=",".join(dict.fromkeys(ids[:PAGE])), maxResults=PAGE)


def _with_token(url: str, token: str) -> str:
    address, _, query = url.partition("?")
    parameters = {name: values[0] for name, values in parse_qs(query).items()} | {"pageToken": token}
    return f"{address}?{urlencode(sorted(parameters.items()))}"


def _inner(item: dict[str, Any], *names: str) -> str:
    found: Any = item
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, str) else ""


def _of_feed(body: bytes) -> Iterator[dict[str, Any]]:
    """The entries of a feed as the API would describe them, as far as the feed says."""
    try:
        tree = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise Invalid(f"the feed cannot be read: {error}", "broken_feed") from error
    for entry in tree.iterfind("atom:entry", NAMES):
        identity = _said(entry, "yt:videoId")
        if identity:
            yield {"id": identity, "snippet": _snippet(entry), "statistics": _statistics(entry)}


def _snippet(entry: Any) -> dict[str, Any]:
    picture = entry.find("media:group/media:thumbnail", NAMES)
    pictures = {"thumbnails": {"high": {"url": picture.get("url", "")}}} if picture is not None else {}
    return {
        "title": _said(entry, "atom:title"),
        "description": _said(entry, "media:group/media:description"),
        "publishedAt": _said(entry, "atom:published"),
        "channelId": _said(entry, "yt:channelId"),
        "channelTitle": _said(entry, "atom:author/atom:name"),
        **pictures,
    }


def _statistics(entry: Any) -> dict[str, str]:
    seen = entry.find("media:group/media:community/media:statistics", NAMES)
    return {"viewCount": seen.get("views", "0")} if seen is not None else {}


def _said(entry: Any, path: str) -> str:
    return (entry.findtext(path, "", NAMES) or "").strip()

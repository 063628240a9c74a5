"""Videos as the YouTube Data API describes them (v3, JSON): a `video` resource, or a list of resources."""

from __future__ import annotations

import re
from typing import Any

import orjson

from riverline.errors import Invalid
from riverline.model import Page, Parsed
from riverline.parsing.html.metadata import clean, distinct
from riverline.parsing.language.detection import normal
from riverline.parsing.limits import MAX_SUMMARY, MAX_TEXT, MAX_TITLE

WATCH = "https://www.youtube.com/watch?v="
DURATION = re.compile(r"P(?:(\d{1,4})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,4})M)?(?:(\d{1,6})S)?)?")
UNITS = (86_400, 3_600, 60, 1)
SIZES = ("maxres", "standard", "high", "medium", "default")


def parse_video(page: Page) -> Parsed:
    """One video as a document of its own; several as a list of their addresses. Raises Invalid for other JSON."""
    try:
        read = orjson.loads(page.body)
    except orjson.JSONDecodeError as error:
        raise Invalid(f"the JSON cannot be read: {error}", reason="broken_json") from error
    kind = read.get("kind") if isinstance(read, dict) else None
    if not isinstance(kind, str) or not kind.startswith("youtube#"):
        raise Invalid("the JSON is not the YouTube Data API's", reason="unsupported_type")
    items = read.get("items", [read] if "snippet" in read else [])
    videos = [item for item in items if isinstance(item, dict) and _id(item)] if isinstance(items, list) else []
    return _one(videos[0]) if len(videos) == 1 else _several(page, videos)


def _several(page: Page, videos: list[dict[str, Any]]) -> Parsed:
    lines = [clean(_text(_snippet(video), "title"), MAX_TITLE) for video in videos]
    return Parsed(
        url=page.key or page.url,
        kind="list",
        text="\n".join(lines),
        links=tuple(WATCH + _id(video) for video in videos),
    )


def _one(video: dict[str, Any]) -> Parsed:
    snippet = _snippet(video)
    description = _text(snippet, "description")
    spoken, region = normal(_text(snippet, "defaultLanguage") or _text(snippet, "defaultAudioLanguage"))
    return Parsed(
        url=WATCH + _id(video),
        title=clean(_text(snippet, "title"), MAX_TITLE),
        summary=clean(description, MAX_SUMMARY),
        text=description[:MAX_TEXT],
        kind="video",
        author=_text(snippet, "channelTitle"),
        image=_image(snippet),
        site_name="YouTube",
        language=spoken,
        region=region,
        published=_text(snippet, "publishedAt"),
        tags=tuple(distinct([tag for tag in _list(snippet, "tags") if isinstance(tag, str)])),
        seconds=_seconds(_text(_part(video, "contentDetails"), "duration")),
        views=_count(_text(_part(video, "statistics"), "viewCount")),
    )


def _seconds(duration: str) -> int:
    """Of an ISO 8601 duration such as PT4M13S or P1DT2H; 0 for what is none."""
    match = DURATION.fullmatch(duration)
    return sum(int(n or 0) * unit for n, unit in zip(match.groups(), UNITS, strict=True)) if match else 0


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _id(video: dict[str, Any]) -> str:
    """A video's id: a text in `videos`, an object in `search`, `resourceId` or `contentDetails` in `playlistItems`."""
    places = (video.get("id"), _snippet(video).get("resourceId"), video.get("contentDetails"))
    for place in places:
        found = place.get("videoId") if isinstance(place, dict) else place if not _list_kind(video) else None
        if isinstance(found, str) and found:
            return found
    return ""


def _list_kind(video: dict[str, Any]) -> bool:
    return video.get("kind") in ("youtube#playlistItem", "youtube#channel", "youtube#playlist")


def _snippet(video: dict[str, Any]) -> dict[str, Any]:
    return _part(video, "snippet")


def _part(video: dict[str, Any], name: str) -> dict[str, Any]:
    part = video.get(name)
    return part if isinstance(part, dict) else {}


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    return value.strip() if isinstance(value, str) else ""


def _list(fields: dict[str, Any], name: str) -> list[Any]:
    value = fields.get(name)
    return value if isinstance(value, list) else []


def _image(snippet: dict[str, Any]) -> str:
    thumbnails = snippet.get("thumbnails")
    if not isinstance(thumbnails, dict):
        return ""
    return next(
        (url for size in SIZES if isinstance(thumbnails.get(size), dict) and (url := _text(thumbnails[size], "url"))),
        "",
    )

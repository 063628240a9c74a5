"""What a YouTube address names: a channel, a playlist or a video. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from riverline.errors import Invalid
from riverline.parsing.language.normalization import visible

CHANNEL = re.compile(r"UC[\w-]{22}")
VIDEO = re.compile(r"[\w-]{11}")
PLAYLIST = re.compile(r"[\w-]{2,64}")
HOST = re.compile(r"(?:[a-z]+\.)?(?:youtube|youtube-nocookie)\.com|youtu\.be")
VIDEO_PLACES = ("shorts", "live", "embed", "v", "e", "watch")


@dataclass(frozen=True, slots=True)
class YoutubeAddress:
    """`kind`: channel, handle (with its @), user, playlist or video."""

    kind: str
    id: str


def youtube_address(url: str) -> YoutubeAddress:
    """What a page or a feed of YouTube's is about. Raises Invalid with a sentence for anything else."""
    try:
        parts = urlsplit(url)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError as error:
        raise Invalid(f"{url} is not an address") from error
    path = [visible(unquote(part)) for part in parts.path.split("/") if part] if HOST.fullmatch(host) else []
    query = query if path else {}
    first, second = [*path, "", ""][:2]
    video = query.get("v") or (first if host == "youtu.be" else second if first in VIDEO_PLACES else "")
    found = [
        (PLAYLIST, "playlist", query.get("list") or query.get("playlist_id") or ""),
        (CHANNEL, "channel", query.get("channel_id") or (second if first == "channel" else "")),
        (re.compile(r"@[^\s/@]{1,60}"), "handle", first),
        (re.compile(r"[^\s/]{1,60}"), "user", query.get("user") or (second if first == "user" else "")),
        (VIDEO, "video", video),
    ]
    for pattern, kind, id_ in found:
        if pattern.fullmatch(id_):
            return YoutubeAddress(kind, id_)
    raise Invalid(
        f"{url} is not a channel, playlist or video of YouTube; accepted: /channel/UC…, /@handle, /user/…, "
        "/playlist?list=…, /watch?v=…, /shorts/…, /live/… and youtu.be/…; a /c/… page names its @handle"
    )

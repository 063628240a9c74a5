"""A server that answers as YouTube's Data API (v3) and its feeds do, with a small set of videos of our own.

The shapes are those of the API's public reference: `kind`, `items`, `pageInfo`, `nextPageToken`, and errors with
`error.errors[].reason`.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

CHANNEL, UPLOADS = "UC" + "a" * 22, "UU" + "a" * 22
VIDEOS = 7
SMALL = 3  # results of one page, so that there are several
FEED = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns:media="http://search.yahoo.com/mrss/"
 xmlns="http://www.w3.org/2005/Atom"><title>Harbour films</title>{}</feed>"""
ENTRY = """<entry><id>yt:video:{id}</id><yt:videoId>{id}</yt:videoId><yt:channelId>{channel}</yt:channelId>
<title>{title}</title><author><name>Harbour films</name></author><published>2025-03-0{day}T09:00:00+00:00</published>
<media:group><media:title>{title}</media:title><media:thumbnail url="http://img.example/{id}.jpg"/>
<media:description>{description}</media:description><media:community><media:statistics views="{views}"/>
</media:community></media:group></entry>"""


def video(number: int) -> dict:
    """A `video` resource."""
    return {
        "kind": "youtube#video",
        "id": f"video-{number}",
        "snippet": {
            "publishedAt": f"2025-03-0{number + 1}T09:00:00Z",
            "channelId": CHANNEL,
            "title": f"등대 {number}: a lighthouse & the tide",
            "description": f"How lamp number {number} is kept burning.",
            "thumbnails": {"high": {"url": f"http://img.example/video-{number}.jpg", "width": 480, "height": 360}},
            "channelTitle": "Harbour films",
            "tags": ["lighthouse", "등대"],
            "defaultAudioLanguage": "ko",
        },
        "contentDetails": {"duration": "PT4M13S"},
        "statistics": {"viewCount": str(100 * number)},
    }


@dataclass
class YouTube:
    """What the server was asked, and what it is to refuse."""

    port: int = 0
    refusal: str = ""
    asked: list[tuple[str, dict[str, str], str]] = field(default_factory=list)  # what, parameters, key

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.port}/youtube/v3"

    @property
    def feeds(self) -> str:
        return f"http://127.0.0.1:{self.port}/feeds/videos.xml"

    def answer(self, path: str, asked: dict[str, str], key: str) -> tuple[int, str, bytes]:
        if path == "/robots.txt":
            return 200, "text/plain", b"User-agent: *\nDisallow: /youtube\n"
        what = path.rsplit("/", 1)[-1]
        self.asked.append((what, asked, key))
        if what == "videos.xml":
            return 200, "text/xml; charset=UTF-8", feed()
        if not key or self.refusal:
            return 403, "application/json", _error(self.refusal or "forbidden")
        return 200, "application/json; charset=UTF-8", json.dumps(self._list(what, asked)).encode()

    def _list(self, what: str, asked: dict[str, str]) -> dict:
        if what == "channels":
            items = [{"kind": "youtube#channel", "contentDetails": {"relatedPlaylists": {"uploads": UPLOADS}}}]
            return {"kind": "youtube#channelListResponse", "items": items}
        if what == "videos":
            wanted = [video(int(name.rsplit("-", 1)[1])) for name in asked["id"].split(",")]
            return {"kind": "youtube#videoListResponse", "items": wanted}
        start = int(asked.get("pageToken", "0"))
        ids = [f"video-{number}" for number in range(start, min(start + SMALL, VIDEOS))]
        if what == "search":
            items = [{"kind": "youtube#searchResult", "id": {"kind": "youtube#video", "videoId": one}} for one in ids]
        else:
            items = [{"kind": "youtube#playlistItem", "id": "x", "contentDetails": {"videoId": one}} for one in ids]
        token = {"nextPageToken": str(start + SMALL)} if start + SMALL < VIDEOS else {}
        return {"kind": f"youtube#{what}ListResponse", "items": items, "pageInfo": {"totalResults": VIDEOS}, **token}


def feed() -> bytes:
    """The Atom feed of the channel."""
    entries = ""
    for number in range(VIDEOS):
        said = video(number)["snippet"]
        entries += ENTRY.format(
            id=f"video-{number}", channel=CHANNEL, title=escape(said["title"]), day=number + 1,
            description=escape(said["description"]), views=100 * number,
        )  # fmt: skip
    return FEED.format(entries).encode()


def _error(reason: str) -> bytes:
    error = {"domain": "youtube.quota", "reason": reason, "message": "no"}
    return json.dumps({"error": {"code": 403, "message": "no", "errors": [error]}}).encode()


@contextmanager
def running() -> Iterator[YouTube]:
    """The server on a free port of loopback."""
    served = YouTube()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            status, kind, body = served.answer(parts.path, asked, self.headers.get("X-Goog-Api-Key", ""))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

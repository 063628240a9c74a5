"""The demo web without sockets: a request in, an answer out."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qsl, urlencode, urlsplit

from demo import dates
from demo.build import page_resource, site_resources
from demo.pages import Page
from demo.render import Renderer
from demo.resources import Resource
from demo.sites import Site, read_sites

# What sites add to a URL and ignore when they answer it.
NOISE = {"fbclid", "gclid", "ref", "sid", "phpsessid"}
CHANGE = "/_demo/change"


@dataclass(frozen=True)
class Answer:
    """A response; `body` is empty for HEAD, though Content-Length is that of the GET."""

    status: int
    headers: dict[str, str]
    body: bytes = b""


@dataclass
class LivePage:
    """A page that changes after every Nth GET, and at once when it is told to."""

    site: Site
    page: Page
    renderer: Renderer
    gets: int = 0
    revision: int = 1
    resource: Resource = field(init=False)

    def __post_init__(self) -> None:
        self._render()

    def get(self) -> Resource:
        """The resource for this GET; the GET after every Nth sees the next revision."""
        if self.gets and self.gets % self.page.live_every == 0:
            self.change()
        self.gets += 1
        return self.resource

    def change(self) -> None:
        """Moves to the next revision."""
        self.revision += 1
        self._render()

    def _render(self) -> None:
        self.resource = page_resource(self.site, self.page.at_revision(self.revision), self.renderer)


class Web:
    """Every host, rendered once and held in memory."""

    def __init__(self) -> None:
        self.sites = read_sites()
        self.renderer = Renderer()
        found = [resource for site in self.sites.values() for resource in site_resources(site, self.renderer)]
        self.resources = {(resource.host, resource.path): resource for resource in found}
        twice = [url for url, count in Counter(resource.url for resource in found).items() if count > 1]
        if twice:
            raise ValueError(f"served twice: {twice}")
        self.rewind()

    def rewind(self) -> None:
        """Takes every page that changes back to its first revision."""
        self.live = {
            (page.host, page.path): LivePage(site, page, self.renderer)
            for site in self.sites.values()
            for page in site.pages
            if page.live_every
        }

    def answer(self, method: str, target: str, headers: dict[str, str]) -> Answer:
        """The answer to a request; `target` in absolute or origin form, header names in lower case."""
        host, path = host_and_path(target, headers)
        if method == "CONNECT":
            return _text(501, "CONNECT is not implemented: the demo web speaks plain HTTP only")
        if host not in self.sites:
            return _text(404, f"no such host in the demo web: {host}")
        if method == "POST" and path == CHANGE:
            return self._change(host)
        if method not in ("GET", "HEAD"):
            return Answer(405, {"Allow": "GET, HEAD", "Content-Length": "0"})
        found = self._find(host, path, counted=method == "GET")
        return _answer(found, method, headers) if found else _text(404, f"no such page: http://{host}{path}")

    def _find(self, host: str, path: str, counted: bool) -> Resource | None:
        for candidate in (path, plain_path(path)):
            live = self.live.get((host, candidate))
            if live:
                return live.get() if counted else live.resource
            if (host, candidate) in self.resources:
                return self.resources[host, candidate]
        return None

    def _change(self, host: str) -> Answer:
        changed = [live for (live_host, _), live in self.live.items() if live_host == host]
        for live in changed:
            live.change()
        return Answer(204, {}) if changed else _text(404, f"{host} has no page that changes")


def host_and_path(target: str, headers: dict[str, str]) -> tuple[str, str]:
    """The host in lower case without its port, and the path with its query."""
    parts = urlsplit(target if "://" in target else f"http://{headers.get('host', '')}{target}")
    return (parts.hostname or "").lower(), (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def plain_path(path: str) -> str:
    """The path without session ids and tracking parameters."""
    path, _, query = path.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    kept = [(key, value) for key, value in pairs if key.lower() not in NOISE and not key.startswith("utm_")]
    return path.partition(";jsessionid=")[0] + (f"?{urlencode(kept)}" if kept else "")


def _answer(resource: Resource, method: str, headers: dict[str, str]) -> Answer:
    validators = {"ETag": resource.etag, "Last-Modified": dates.http(resource.modified)}
    if resource.status == 200 and _is_fresh(resource, headers):
        return Answer(304, validators)
    sent = {"Content-Type": resource.content_type, "Content-Length": str(len(resource.body))}
    if resource.status == 200:
        sent |= validators
    if resource.location:
        sent["Location"] = resource.location
    if resource.robots:
        sent["X-Robots-Tag"] = resource.robots
    return Answer(resource.status, sent, b"" if method == "HEAD" else resource.body)


def _is_fresh(resource: Resource, headers: dict[str, str]) -> bool:
    # If-None-Match wins over If-Modified-Since (RFC 9110, section 13.2.2).
    if "if-none-match" in headers:
        held = [tag.strip().removeprefix("W/") for tag in headers["if-none-match"].split(",")]
        return resource.etag in held or "*" in held
    since = _moment(headers.get("if-modified-since", ""))
    return since is not None and int(resource.modified.timestamp()) <= since.timestamp()


def _moment(written: str) -> datetime | None:
    try:
        return parsedate_to_datetime(written)
    except ValueError:
        return None


def _text(status: int, text: str) -> Answer:
    body = f"{text}\n".encode()
    return Answer(status, {"Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(body))}, body)

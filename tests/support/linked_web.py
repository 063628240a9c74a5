"""A small web of linked pages, each with a text of its own, to be served by demo.server: hosts of equal size, a tree of
links on each."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from urllib.parse import urlsplit

from demo.web import Answer
from tests.support.load import page

MODIFIED = "Mon, 02 Nov 2026 08:00:00 GMT"
FANOUT = 3


class LinkedWeb:
    """`pages` on each host, `/page/0` leads to all. Hosts of `plain` say nothing that a later request could ask by."""

    def __init__(self, hosts: Sequence[str], pages: int, plain: Sequence[str] = ()) -> None:
        self.hosts, self.pages, self._plain = hosts, pages, frozenset(plain)
        self.changed: set[str] = set()  # addresses that have another text now

    @property
    def urls(self) -> set[str]:
        return {f"http://{host}/page/{number}" for host in self.hosts for number in range(self.pages)}

    def start(self, host: str) -> str:
        return f"http://{host}/page/0"

    def answer(self, method: str, target: str, headers: dict[str, str]) -> Answer:
        parts = urlsplit(target)
        name = parts.path.removeprefix("/page/")
        if parts.hostname not in self.hosts or not name.isdigit() or int(name) >= self.pages:
            return Answer(404, {"Content-Length": "0"})
        body = self._body(parts.hostname, int(name), target in self.changed)
        validators = {"ETag": f'"{blake2b(body, digest_size=8).hexdigest()}"', "Last-Modified": MODIFIED}
        if parts.hostname in self._plain:
            validators = {}
        elif headers.get("if-none-match") == validators["ETag"]:
            return Answer(304, validators)
        kind = {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(body))}
        return Answer(200, kind | validators, body)

    def _body(self, host: str, number: int, changed: bool) -> bytes:
        children = range(number * FANOUT + 1, min(number * FANOUT + FANOUT + 1, self.pages))
        links = "".join(f'<a href="/page/{child}">{child}</a> ' for child in children)
        text = page(host, number + (self.pages if changed else 0)).body.decode()
        return text.replace("<a href=/>", f'<a href="{self.start(host)}">').replace("</nav>", f"{links}</nav>").encode()

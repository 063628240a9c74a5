"""The web of a simulation: pages that come, change, move and go; and what is to become of each.

Everything is said by the records themselves: their body tells what they hold.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import replace
from random import Random

from riverline.errors import Invalid
from riverline.model import Document, Page
from riverline.parsing.parse import parse
from riverline.parsing.tag import tag
from riverline.pipeline.contracts import topic_of
from riverline.pipeline.filters import refusal
from tests.simulation.clock import EPOCH

CRASH = b"CRASH"  # a body that takes the parser's process down
KINDS = ("article", "copy", "repeat", "change", "move", "gone", "broken", "crashing", "hidden", "unwell")


class Web:
    """Makes pages. `hosts` sites of `paths` addresses each; every page that it gives was fetched a moment later."""

    def __init__(self, random: Random, hosts: int = 2, paths: int = 5) -> None:
        self.random = random
        self.urls = [f"http://site{host}.example/{path}" for host in range(hosts) for path in range(paths)]
        self.here: dict[str, bytes] = {}  # what stands under an address now
        self._texts = 0
        self._fetched_at = 0

    def page(self, url: str, body: bytes, now_ms: int, **changes: object) -> Page:
        self._fetched_at = max(self._fetched_at + 1, now_ms)
        plain = Page(url, url, body, content_type="text/plain", charset="utf-8", fetched_at=self._fetched_at)
        return replace(plain, **changes)  # type: ignore[arg-type]

    def happens(self, kind: str, now_ms: int) -> Iterator[Page]:
        """What is fetched when something of that kind happens; nothing where it cannot."""
        url = self.random.choice(self.urls)
        taken = sorted(self.here)
        free = sorted(set(self.urls) - set(taken))
        match kind:
            case "article" | "change":
                self.here[url] = self.text()
            case "copy" if taken:
                self.here[url] = self.here[self.random.choice(taken)]
            case "repeat" if taken:
                url = self.random.choice(taken)
            case "move" if taken and free:
                yield from self._move(self.random.choice(taken), self.random.choice(free), now_ms)
                return
            case "gone" if taken:
                url = self.random.choice(taken)
                del self.here[url]
                yield self.page(url, b"", now_ms, status=self.random.choice((404, 410)))
                return
            case "broken":
                yield self.page(url, b"%PDF-1.7 " + self.text(), now_ms)
                return
            case "crashing":
                yield self.page(url, CRASH + self.text(), now_ms)
                return
            case "hidden":
                self.here.pop(url, None)
                html = b"<html><head><meta name=robots content=noindex></head><body><p>%s</p></body></html>"
                yield self.page(url, html % self.text(), now_ms, content_type="text/html")
                return
            case "unwell":
                yield self.page(url, b"an error", now_ms, status=500)
                return
            case _:
                return
        yield self.page(url, self.here[url], now_ms)

    def _move(self, old: str, new: str, now_ms: int) -> Iterator[Page]:
        """In either order: the crawler meets the new address, or that the old one is gone, first."""
        body = self.here[new] = self.here.pop(old)
        pages = [self.page(old, b"", now_ms, status=404), self.page(new, body, now_ms)]
        yield from pages if self.random.random() < 0.5 else reversed(pages)

    def text(self) -> bytes:
        self._texts += 1
        return f"이야기 {self._texts}\n\n묵은지와 돼지고기로 끓이는 김치찌개 {self._texts}번째 이야기입니다.".encode()


@functools.lru_cache(maxsize=100_000)
def outcome(page: Page) -> Document | str:
    """What the programs are to make of a page, all servers given: its document, or the name of its fate."""
    if reason := refusal(page, page.body):
        return f"filtered:{reason}"
    if page.body.startswith(CRASH):
        return "dead:crashed"
    try:
        parsed = parse(page)
    except Invalid as error:
        return f"dead:{error.reason}"
    return "filtered:noindex" if parsed.noindex else tag(parsed, page, int(EPOCH * 1000))


def topic(page: Page) -> str:
    return topic_of(page.key.split("/")[2])

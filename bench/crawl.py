"""Pages per second of Riverline's crawler beside a bare Scrapy spider: one local server, the same concurrency.

    python -m bench.crawl [--pages 3000] [--rounds 3]

The bare spider follows the links of each page as Scrapy's tutorial does and stores nothing: no robots rules, no
politeness, no checks. The runs alternate; the figure is the ratio of the best ones.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import multiprocessing
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from riverline.model import Target
from riverline.settings import Crawl
from riverline.testing.memory import MemoryLog
from riverline_crawler.run import crawl

CONCURRENCY = 16
WANTED = 0.85  # of the bare spider's pages per second
WORDS = ("river", "boat", "bridge", "harbour", "wind", "rope", "lantern", "ferry", "tide", "market")


def body(n: int, pages: int) -> bytes:
    """A page of about 12 kB with 20 links."""
    text = " ".join(WORDS[(n * 7 + i) % len(WORDS)] for i in range(1_800))
    links = "".join(f'<li><a href="/page/{(n * 20 + i) % pages}">page {i}</a>' for i in range(1, 21))
    head = f"<!DOCTYPE html><html><head><title>{n}</title></head>"
    return f"{head}<body><ul>{links}</ul><p>{text}</p></body></html>".encode()


async def serve(pages: int) -> None:
    """A server that costs next to nothing: answers made ahead, told apart by the path alone."""
    answers = {f"/page/{n}".encode(): _answer(body(n, pages), b"text/html; charset=utf-8") for n in range(pages)}
    robots = _answer(b"User-agent: *\nDisallow: /private\n", b"text/plain")

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                path = head.split(b" ", 2)[1]
                writer.write(robots if path == b"/robots.txt" else answers[path])
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(connection, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def _answer(content: bytes, kind: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n%b" % (kind, len(content), content)


def bare(port: int) -> float:
    """Pages per second of a bare Scrapy spider."""
    from scrapy import Spider
    from scrapy.crawler import AsyncCrawlerProcess

    class BareSpider(Spider):
        name = "bare"
        start_urls = [f"http://127.0.0.1:{port}/page/0"]
        seen = 0

        def parse(self, response: Any) -> Any:
            BareSpider.seen += 1
            for href in response.css("a::attr(href)").getall():
                yield response.follow(href, self.parse)

    logging.getLogger("scrapy").setLevel(logging.ERROR)
    process = AsyncCrawlerProcess(
        {"CONCURRENT_REQUESTS": CONCURRENCY, "CONCURRENT_REQUESTS_PER_DOMAIN": CONCURRENCY, "LOG_ENABLED": False,
         "DOWNLOAD_DELAY": 0, "ROBOTSTXT_OBEY": False, "TELNETCONSOLE_ENABLED": False}
    )  # fmt: skip
    begun = time.monotonic()
    process.crawl(BareSpider)
    process.start()
    return BareSpider.seen / (time.monotonic() - begun)


def riverline(port: int) -> float:
    """Pages per second of Riverline's crawler with all its guards, into a log in memory."""
    start = f"http://127.0.0.1:{port}/page/0"
    target = Target("bench", start_urls=(start,), rate=100_000.0, concurrency=CONCURRENCY, depth=1_000, max_pages=10**9)
    report = crawl([target], Crawl(), MemoryLog())
    return report.total.acknowledged / report.seconds


def main(line: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=3_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args(line)
    if asked.serve:
        asyncio.run(serve(asked.pages))
        return
    command = [sys.executable, "-m", "bench.crawl", "--serve", "--pages", str(asked.pages)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            port = int(server.stdout.readline())
            rates = [(_apart(bare, port), _apart(riverline, port)) for _ in range(asked.rounds)]
        finally:
            server.terminate()
    best_bare, best = max(rate for rate, _ in rates), max(rate for _, rate in rates)
    figures = {"bare": round(best_bare, 1), "riverline": round(best, 1), "ratio": round(best / best_bare, 3)}
    print(json.dumps({**figures, "wanted": WANTED, "rounds": rates}))
    sys.exit(0 if best / best_bare >= WANTED else 1)


def _apart(run: Callable[[int], float], port: int) -> float:
    """The result of a run in a process of its own: a reactor starts once."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(run, port).result()


if __name__ == "__main__":
    main(sys.argv[1:])

"""One checkout of `bench.end_to_end`: a stack of its own, and rounds of a crawl through it.

The stack stands in a folder of its own below the checkout, without the data of any other, and ends with this process. A
round crawls pages that no round had before, on hosts that stay the same, through a proxy that this process is itself.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import httpx
import psutil

from bench.archive import targets
from bench.rest import Reading, read
from riverline.crawl.targets import target_of
from riverline.pipeline.contracts import topic_of
from riverline.services import Services, assemble
from riverline.settings import ROOT, Settings
from riverline_commands.crawl import wait_for_commits
from riverline_stack.servers import servers
from riverline_stack.supervision import lifecycle
from riverline_stack.up import up
from tests.support.load import page as made_page
from tests.support.residents import COMPONENTS
from tests.support.stack import Told

OFFSETS = (15_000, 18_000)  # above the documented ports, of each checkout
RATE = 20.0  # requests a second and host: more than these servers bear together
IDLE = 10.0  # seconds
WARMING = 6  # pages a host
MARK = (b"</p>", b"<br", b"</div>", b"</body>")  # before the first of these that a page has stands what tells it apart


class Web:
    """A proxy that answers for all hosts: `/ROUND/` lists the round's pages, `/ROUND/N` is page N of its host."""

    def __init__(self, bodies: list[bytes], hosts: list[str], robots: bytes = b"User-agent: *\nAllow: /\n") -> None:
        self._bodies, self._hosts, self._robots = bodies, {host: n for n, host in enumerate(hosts)}, robots
        self.each = 0  # pages of a host in the round that is on
        self.answered = 0  # pages, without lists
        self.bytes = 0

    async def connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                writer.write(self._answer(head.split(b" ", 2)[1].decode()))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _answer(self, url: str) -> bytes:
        host, _, path = url.removeprefix("http://").partition("/")
        run, _, number = path.partition("/")
        if path == "robots.txt":
            return _http("200 OK", b"text/plain", self._robots)
        if host not in self._hosts or "/" not in path or (number and not number.isdigit()):
            return _http("404 Not Found", b"text/plain", b"")
        if not number:
            return _http("200 OK", b"text/html", _list(run, self.each))
        body = self._page(host, run, int(number))
        self.answered, self.bytes = self.answered + 1, self.bytes + len(body)
        return _http("200 OK", b"text/html", body)

    def _page(self, host: str, run: str, number: int) -> bytes:
        """A page whose text is no other's: a word of its own stands in each paragraph."""
        if not self._bodies:
            return made_page(f"{run}.{host}", number).body
        body = self._bodies[(self._hosts[host] * self.each + number) % len(self._bodies)]
        mark = next((mark for mark in MARK if mark in body), b"")
        word = f" {run}x{self._hosts[host]}x{number} ".encode()
        return body.replace(mark, word + mark) if mark else body + word


def _http(status: str, kind: bytes, body: bytes) -> bytes:
    head = b"HTTP/1.1 %b\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n"
    return head % (status.encode(), kind, len(body)) + body


def _list(run: str, pages: int) -> bytes:
    items = "".join(f'<li><a href="/{run}/{n}">page {n}</a>' for n in range(pages))
    return f"<!DOCTYPE html><html><head><title>{run}</title></head><body><ul>{items}</ul></body></html>".encode()


def serving(web: Web) -> int:
    """Serves in a thread, for as long as the process lives; returns the port."""
    ready, port = threading.Event(), [0]

    async def serve() -> None:
        server = await asyncio.start_server(web.connection, "127.0.0.1", 0)
        port[0] = server.sockets[0].getsockname()[1]
        ready.set()
        await server.serve_forever()

    threading.Thread(target=lambda: asyncio.run(serve()), daemon=True).start()
    ready.wait()
    return port[0]


def part_of(program: str) -> str:
    """The line of the table that a program belongs to, by its name as `bench.rest` has it."""
    if program.endswith(COMPONENTS):
        return "topology, Python"
    if program.startswith("storm-supervisor") and program.endswith(" worker"):
        return "topology, JVM"
    return "brokers" if program.startswith("kafka-") else program if program == "elasticsearch" else "the rest"


def parted(seconds: Mapping[str, float]) -> Counter[str]:
    """Sums by line of the table."""
    sums: Counter[str] = Counter()
    for program, value in seconds.items():
        sums[part_of(program)] += value  # type: ignore[assignment]  # seconds
    return sums


class Rounds:
    """Crawls on a stack that is up."""

    def __init__(self, settings: Settings, web: Web, hosts: list[str], folder: Path) -> None:
        self._settings, self._web, self._hosts, self._folder = settings, web, hosts, folder
        self._services: Services = assemble(settings)
        self._proxy = f"http://127.0.0.1:{serving(web)}"
        self._idle: Mapping[str, float] = {}

    def warm(self) -> dict[str, object]:
        """A round that does not count, and then what the stack takes while nothing is crawled."""
        self.crawl(WARMING)
        before, began = read(self._settings.home), time.monotonic()
        time.sleep(IDLE)
        spent = _spent(before, read(self._settings.home))
        self._idle = {name: seconds / (time.monotonic() - began) for name, seconds in spent.items()}
        return dict(self._idle)

    def crawl(self, each: int) -> dict[str, object]:
        """A round of so many pages a host: ms of processor time a page, beyond what the stack takes at rest."""
        run, self._web.each = f"r{time.time_ns():x}", each
        self._aim(run)
        fates, answered, size = self._fates(), self._web.answered, self._web.bytes
        before, began = read(self._settings.home), time.monotonic()
        crawler, peak, starting = self._crawler(run)
        crawled = time.monotonic() - began
        wait_for_commits(self._services.log, [topic_of(host) for host in self._hosts])
        wall, after = time.monotonic() - began, read(self._settings.home)
        pages = self._web.answered - answered
        cpu = {name: s - self._idle.get(name, 0.0) * wall for name, s in _spent(before, after).items()}
        lines = {**parted(cpu), "crawler": crawler - starting}
        return {
            "ms": {name: 1000 * seconds / pages for name, seconds in lines.items()},
            "programs": {name: round(1000 * seconds / pages, 3) for name, seconds in sorted(cpu.items())},
            "crawler_start": starting,
            "pages": pages,
            "kB": (self._web.bytes - size) / pages / 1000,
            "crawled": pages / crawled,
            "rate": pages / wall,
            "MiB": {**parted({name: r / (1 << 20) for name, r in after.resident.items()}), "crawler": peak / (1 << 20)},
            "fates": dict(self._fates() - fates),
        }

    def _aim(self, run: str) -> None:
        store = self._services.targets
        for entry in store.all():
            store.remove(entry.target.name)
        manifest = [{"url": f"http://{host}/"} for host in self._hosts]
        for fields in targets(manifest, self._proxy, RATE, 1):
            store.add(target_of(fields | {"start_urls": [f"http://{fields['name']}/{run}/"], "concurrency": 4}))

    def _crawler(self, run: str) -> tuple[float, float, float]:
        """Processor seconds of a crawler and its readers, its resident bytes at most, and the seconds of its start."""
        line = [sys.executable, "-m", "riverline_commands.main", "crawl", "run", "--once", "--json", "--no-metrics"]
        environment = {**os.environ, **self._settings.environment()}
        first, before = self._web.answered, _children()
        with (self._folder / f"{run}.log").open("w") as said:
            process = subprocess.Popen(line, cwd=ROOT, env=environment, stdout=said, stderr=said)
        begun = starting = peak = 0.0
        try:
            while process.poll() is None:
                try:
                    of = psutil.Process(process.pid)
                    family = [of, *of.children(recursive=True)]
                    peak = max(peak, sum(one.memory_info().rss for one in family))
                    begun = sum(sum(one.cpu_times()[:2]) for one in family)
                except psutil.Error:
                    pass
                if self._web.answered == first:
                    starting = begun
                time.sleep(0.1)
        finally:
            process.terminate()  # where this process is interrupted
        if process.returncode:
            raise SystemExit(f"the crawler ended with {process.returncode}: {self._folder / run}.log")
        return _children() - before, peak, starting

    def _fates(self) -> Counter[str]:
        """How many fates the index holds, by outcome."""
        server = self._settings.elasticsearch
        query = {"size": 0, "aggs": {"by": {"terms": {"field": "outcome"}}}}
        with httpx.Client(base_url=server.urls[0], auth=(server.user, server.password), trust_env=False) as client:
            client.post("/fates-*/_refresh").raise_for_status()
            found = client.post("/fates-*/_search", json=query).raise_for_status().json()
        buckets = found.get("aggregations", {}).get("by", {}).get("buckets", [])
        return Counter({bucket["key"]: bucket["doc_count"] for bucket in buckets})


def _spent(before: Reading, after: Reading) -> dict[str, float]:
    """Processor seconds of each program between two readings."""
    return {name: seconds - before.seconds.get(name, 0.0) for name, seconds in after.seconds.items()}


def _children() -> float:
    times = os.times()
    return times.children_user + times.children_system


def own_settings(number: int) -> Settings:
    """Those of a stack beside any other, without a crawler of its own."""
    shifted = Settings.load().shifted(OFFSETS[number])
    open_ = {"private": ("127.0.0.0/8", "localhost"), "contact": "bench@example.org", "most_alike": 200}
    crawl = shifted.crawl.model_copy(update={"processes": 0, **open_})
    return shifted.placed(ROOT / ".riverline" / "end-to-end").model_copy(update={"crawl": crawl})


def bodies(archive: Path | None) -> list[bytes]:
    if archive is None:
        return []
    rows = json.loads((archive / "manifest.json").read_text("utf-8"))
    return [gzip.decompress((archive / row["file"]).read_bytes()) for row in rows]


def main(line: list[str]) -> None:
    """Starts the stack and says so. Then answers each line: `warm` makes it ready, a number of pages a host is a round,
    whose figures are the answer."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--archive", type=Path)
    parser.add_argument("--hosts", type=int, default=96)
    parser.add_argument("--number", type=int, default=0, help="which of the stacks that run side by side")
    asked = parser.parse_args(line)
    answers, sys.stdout = sys.stdout, sys.stderr
    settings, hosts = own_settings(asked.number), [f"{n}.end-to-end.example" for n in range(asked.hosts)]
    lifecycle.down(settings, servers.programs(settings), Told())
    lifecycle.forget(settings)
    try:
        up(settings, Told(), lease=os.getpid())
        rounds = Rounds(settings, Web(bodies(asked.archive), hosts), hosts, settings.home)
        print(json.dumps({"home": str(settings.home)}), file=answers, flush=True)
        for wanted in sys.stdin:
            found = rounds.warm() if wanted.strip() == "warm" else rounds.crawl(int(wanted))
            print(json.dumps(found), file=answers, flush=True)
    finally:
        lifecycle.down(settings, servers.programs(settings), Told())


if __name__ == "__main__":
    main(sys.argv[1:])

"""`riverline crawl run` against a web of a test's own: its targets in the place of those that are kept."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from demo.server import running
from riverline.adapters.kafka.topics import ensure_topics
from riverline.errors import Transient
from riverline.model import Page, Target
from riverline.pipeline.contracts import topic_of
from riverline.services import Services, assemble
from riverline.settings import ROOT, Settings
from riverline_stack.servers.replication import administering
from tests.support.linked_web import LinkedWeb


class CrawlRun:
    """The targets, the crawlers, and what they have brought. `requests` are read from the web's own log."""

    def __init__(self, stack: Settings, web: LinkedWeb, folder: Path, port: int) -> None:
        self.stack, self.web, self.folder = stack, web, folder
        self.services: Services = assemble(stack)
        self.crawlers: list[subprocess.Popen[bytes]] = []
        self._proxy = f"http://127.0.0.1:{port}"

    @property
    def topics(self) -> list[str]:
        return [topic_of(host) for host in self.web.hosts]

    def keep(self, rate: float, concurrency: int = 1) -> None:
        """A target a host, and no other."""
        self.forget()
        ensure_topics(self.stack, set(self.topics))
        for host in self.web.hosts:
            self.add(host, self.web.start(host), rate, concurrency)

    def add(self, name: str, start: str, rate: float, concurrency: int = 1) -> None:
        """One more target."""
        made = Target(name, start_urls=(start,), rate=rate, concurrency=concurrency, proxy=self._proxy)
        self.services.targets.add(made)

    def forget(self) -> None:
        for entry in self.services.targets.all():
            self.services.targets.remove(entry.target.name)

    def make_due(self) -> None:
        for entry in self.services.targets.all():
            self.services.targets.replace(entry.target.name, entry.target)

    def start(self, *options: str, **settings: str) -> subprocess.Popen[bytes]:
        """A crawler of its own."""
        command = [sys.executable, "-m", "riverline_commands.main", "crawl", "run", "--json", "--no-metrics", *options]
        environment = {**os.environ, **self.stack.environment(), **settings}
        with (self.folder / f"crawler-{len(self.crawlers)}.log").open("wb") as said:
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=said)
        self.crawlers.append(process)
        return process

    def expire(self, crawler: subprocess.Popen[bytes]) -> bool:
        """Lets the leases of a crawler that was killed end now, as they do by themselves a minute later; whether MySQL
        did."""
        try:
            with administering(self.stack, self.stack.mysql.primary) as cursor:
                table = f"`{self.stack.mysql.database}`.crawl_target"
                ended = f"UPDATE {table} SET leased_until = NOW(3) WHERE leased_by LIKE %s"
                cursor.execute(ended, (f"%:{crawler.pid}:%",))
        except Transient:
            return False
        return True

    def report(self, *options: str) -> dict:
        """What a crawler that ends by itself says at last."""
        process = self.start("--once", *options)
        said, _ = process.communicate(timeout=300)
        assert process.returncode == 0
        return json.loads(said.splitlines()[-1])

    def records(self) -> list[Page]:
        """All that Kafka holds of the web, in no order."""
        ends = self.services.log.ends(self.topics)
        return [r.page for place, (first, end) in ends.items() for r in self.services.log.read(*place, first, end)]

    def times(self) -> list[float]:
        """When requests arrived, in s since 1970."""
        lines = (self.folder / "requests.jsonl").read_text().splitlines()
        return sorted(json.loads(line)["time"] for line in lines)

    def brought(self) -> Counter[str]:
        """How often each page was answered with its body."""
        lines = map(json.loads, (self.folder / "requests.jsonl").read_text().splitlines())
        return Counter(f"http://{line['host']}{line['path']}" for line in lines if line["status"] == 200)

    def statuses(self) -> Counter[int]:
        """Of the answers to requests for pages."""
        lines = map(json.loads, (self.folder / "requests.jsonl").read_text().splitlines())
        return Counter(line["status"] for line in lines if line["path"] != "/robots.txt")

    def is_over(self) -> bool:
        """Whether every target's round has ended."""
        entries = self.services.targets.all()
        now = self.services.now_ms()
        return all(not entry.worker and entry.due_at > now and not entry.progress.get("waiting") for entry in entries)

    def close(self) -> None:
        for crawler in self.crawlers:
            if crawler.poll() is None:
                crawler.terminate()
        for crawler in self.crawlers:
            crawler.wait(60)
        self.forget()
        self.services.log.close()


@contextmanager
def crawling(stack: Settings, web: LinkedWeb, folder: Path) -> Iterator[CrawlRun]:
    with (folder / "requests.jsonl").open("w") as log, running(log=log, web=web) as port:  # type: ignore[arg-type]
        made = CrawlRun(stack, web, folder, port)
        try:
            yield made
        finally:
            made.close()

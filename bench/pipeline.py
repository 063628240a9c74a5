"""Pages per CPU second of the running topology, against the same pure functions in one plain loop, in one run.

    source .riverline/env && python -m bench.pipeline [--pages 3000] [--archive DIR]

The pages are those of an archive (manifest.json, see bench/extraction.py) under URLs of their own, or, without one,
made as the chaos tests make them. The topology must be up and idle. Its CPU time is that of the workers' JVMs and of
all their Python processes, less what they take while idle for as long.
"""

from __future__ import annotations

import argparse
import gzip
import json
import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from riverline.adapters.elasticsearch.bulk import serialised
from riverline.errors import Invalid
from riverline.model import Document, Fate, Page
from riverline.parsing.near_duplicates import signature
from riverline.parsing.parse import parse
from riverline.parsing.tag import tag
from riverline.pipeline.contracts import topic_of
from riverline.pipeline.deduplicate import Deduplicator
from riverline.pipeline.envelope import SealedPage
from riverline.pipeline.filters import refusal
from riverline.pipeline.records import sealed_of
from riverline.services import Services, assemble
from riverline.settings import Settings
from riverline.testing.memory_log import MemoryLog
from riverline_stack.servers.storm_cluster import worker_pids
from tests.support.load import page as made_page
from tests.support.seen import Keys

IDLE = 10.0  # seconds
PATIENCE = 1800.0  # seconds
WARMING = 500  # pages
SITES = 8


@dataclass(frozen=True)
class Measured:
    """CPU seconds by component; the plain loop is one."""

    pages: int
    cpu: dict[str, float]
    wall: float

    @property
    def rate(self) -> float:
        return self.pages / sum(self.cpu.values())


def pages(count: int, archive: Path | None) -> list[Page]:
    """As many pages, each under a URL of its own."""
    run = f"{time.time_ns():x}"
    hosts = [f"{run}-{site}.bench.example" for site in range(SITES)]
    if archive is None:
        return [made_page(hosts[number % SITES], number) for number in range(count)]
    rows = json.loads((archive / "manifest.json").read_text())
    bodies = [gzip.decompress((archive / row["file"]).read_bytes()) for row in rows]
    now = time.time_ns() // 1_000_000
    urls = [f"http://{hosts[number % SITES]}/{number}" for number in range(count)]
    return [
        Page(url, url, bodies[number % len(bodies)], content_type="text/html", fetched_at=now)
        for number, url in enumerate(urls)
    ]


def plain(sample: list[Page]) -> Measured:
    """Everything that the spout and the bolts do with a page, but for Storm and the servers."""
    log = MemoryLog()
    for page in sample:
        log.append("crawl.bench", page)
    deduplicator = Deduplicator(Keys(), None)  # type: ignore[arg-type]  # nothing is seen twice, so it is never asked
    cpu, wall = time.process_time(), time.monotonic()
    for record in log.records["crawl.bench"]:
        _through(sealed_of(record), deduplicator, str(record.offset))
    return Measured(len(sample), {"loop": time.process_time() - cpu}, time.monotonic() - wall)


def _through(sealed: SealedPage, deduplicator: Deduplicator, origin: str) -> None:
    page, digest = sealed.headers, sealed.digest
    if refusal(page, sealed.body):
        return
    deduplicator.unchanged(page.key, digest, origin)
    try:
        parsed = parse(sealed.page)
        document: Document = tag(parsed, page, page.fetched_at)
    except Invalid:
        return
    whole = replace(document, page_digest=digest, origin=origin, signature=signature(document.body))
    serialised([whole], [Fate(origin, "indexed", page.key, at=page.fetched_at)], {})


def topology(services: Services, sample: list[Page]) -> Measured:
    """The real thing, from the first append until all is committed."""
    idle = _idle(services.settings)
    topics = sorted({topic_of(page.key.split("/")[2]) for page in sample})
    before, began = _cpu(services.settings), time.monotonic()
    for page in sample:
        services.log.append(topic_of(page.key.split("/")[2]), page)
    services.log.flush(300)
    _wait(services, topics)
    wall, after = time.monotonic() - began, _cpu(services.settings)
    return Measured(len(sample), {name: after[name] - before[name] - idle[name] * wall for name in after}, wall)


def _wait(services: Services, topics: list[str]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        ends, committed = services.log.ends(topics), services.log.committed(topics)
        if all(committed.get(place, 0) >= end for place, (_, end) in ends.items()):
            return
        time.sleep(0.25)
    raise SystemExit("the topology did not finish; is it up? (riverline stack status)")


def _idle(settings: Settings) -> dict[str, float]:
    """CPU seconds a second of a topology with nothing to do."""
    before = _cpu(settings)
    time.sleep(IDLE)
    return {name: (seconds - before[name]) / IDLE for name, seconds in _cpu(settings).items()}


def _cpu(settings: Settings) -> Counter[str]:
    """CPU seconds of the workers' processes so far."""
    seconds: Counter[str] = Counter()
    for process in map(psutil.Process, worker_pids(settings)):
        times, command = process.cpu_times(), process.cmdline()
        name = command[-1].rpartition(".")[2].split()[0] if "streamparse_run" in " ".join(command) else "JVM"
        seconds[name] += times.user + times.system  # type: ignore[assignment]  # seconds
    if not seconds:
        raise SystemExit("no worker runs; `make up` starts the topology")
    return seconds


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--pages", type=int, default=3000)
    arguments.add_argument("--archive", type=Path)
    given = arguments.parse_args()
    services = assemble(Settings.load())
    sample, first = pages(given.pages, given.archive), pages(WARMING, given.archive)
    plain(first)  # the first pages load models, compile patterns and, in the workers, Java's code
    topology(services, first)
    loop, real = plain(sample), topology(services, sample)
    services.log.close()
    for name, measured in (("plain loop", loop), ("topology", real)):
        print(f"{name:11} {measured.rate:7.1f} pages/CPU s  {measured.pages / measured.wall:7.1f} pages/s")
    print(f"ratio       {real.rate / loop.rate:7.2f}")
    each = ", ".join(f"{name} {1000 * cpu / real.pages:.2f}" for name, cpu in sorted(real.cpu.items()))
    print(f"ms a page   {1000 / loop.rate:7.2f} in the loop; {each}")


if __name__ == "__main__":
    main()

"""The pages around in-memory stores that hold the demo web, at a moment that stays: what pictures of them show.

`python -m tests.support.lively_site [PORT]` serves them.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from dataclasses import replace

from werkzeug.serving import make_server

from demo.sites import LISTED
from demo.web import Web
from riverline.errors import Invalid
from riverline.model import Document, Fate, Page
from riverline.monitoring.history import HistoryRecorder
from riverline.monitoring.sample import NOW_KEY, Sample
from riverline.parsing.parse import parse
from riverline.parsing.tag import tag
from riverline.parsing.url import host_of
from riverline.services import Services
from riverline.stages import BOUNDS, STAGES, Seconds, StageState, bucket
from tests.support.site import Site, empty

NOW = 1_796_115_600_000  # 2026-12-01, 09:00 UTC
HOUR_MS, MINUTE_MS, SECOND_MS = 3_600_000, 60_000, 1000
SERVERS = ("elasticsearch", "kafka", "mysql-primary", "mysql-replica", "nimbus", "redis-cluster", "topology")
TIMES = {"pages": 0.062, "deduplicate": 0.0016, "parse": 0.021, "tag": 0.0024, "index": 0.014}  # seconds of a step
WAITING = 3  # records


def lively() -> Site:
    """The site."""
    made = empty(lambda: NOW)
    topics: dict[str, list[Page]] = defaultdict(list)
    for page in _pages():
        topics[f"crawl.{host_of(page.url).removeprefix('www.')}"].append(page)
    documents = _documents(topics)
    made.index.write(documents, _fates(topics, documents))
    made.index.refresh()
    for topic, pages in topics.items():
        for page in pages:
            made.log.append(topic, page)
        made.log.commit(topic, 0, len(pages) - (WAITING if topic == max(topics) else 0))
    _watched(made.services)
    return made


def _pages() -> list[Page]:
    """The demo web's pages, each fetched a minute after the one before."""
    found = [one for one in Web().resources.values() if one.kind in LISTED]
    made = []
    for number, one in enumerate(found):
        declared, _, charset = one.content_type.partition("; charset=")
        at = NOW - (len(found) - number) * MINUTE_MS
        made.append(Page(one.url, one.url, one.body, content_type=declared, charset=charset, fetched_at=at))
    return made


def _documents(topics: dict[str, list[Page]]) -> list[Document]:
    """One for each text: what stands at two addresses is shown once."""
    found: dict[str, Document] = {}
    for page in (page for pages in topics.values() for page in pages):
        try:
            document = tag(parse(page), page, NOW)
        except Invalid:
            continue
        found.setdefault(document.text_digest, replace(document, image=""))
    return list(found.values())


def _fates(topics: dict[str, list[Page]], documents: list[Document]) -> list[Fate]:
    digests = {one.url for one in documents}
    return [
        Fate(f"{topic}-0-{n}", "indexed" if page.url in digests else "duplicate", page.url, at=page.fetched_at)
        for topic, pages in topics.items()
        for n, page in enumerate(pages)
    ]


def _watched(services: Services) -> None:
    """What the topology and the monitor would have said in the last hour, two crawls among it."""
    for task, name in enumerate(STAGES):
        buckets = [0] * (len(BOUNDS) + 1)
        buckets[bucket(TIMES[name])] = 750
        minute = {"tuple": Seconds(750, 750 * TIMES[name], tuple(buckets))}
        counts, rates = {"in": 48_210, "done": 48_207}, {"in": 12.5, "done": 12.5}
        gauges = {"in_flight": 1.0, **({"lag": float(WAITING)} if name == STAGES[0] else {})}
        state = StageState(name, task, NOW - SECOND_MS, counts=counts, rates=rates, gauges=gauges, minute=minute)
        services.stages.publish(state)
    up = {f"up/{name}": 1.0 for name in SERVERS}
    services.key_value.put(NOW_KEY, Sample(NOW - SECOND_MS, {"inflow": 12.5, "throughput": 12.5, **up}).packed(), 3600)
    recorder = HistoryRecorder(services.key_value)
    for n in range(120):
        coming = _coming(n)
        values = {"inflow": coming, "throughput": (coming + _coming(n - 1) + _coming(n - 2)) / 3}
        recorder.add(Sample(NOW - HOUR_MS + n * MINUTE_MS // 2, values))


def _coming(n: int) -> float:
    """Records a second in the n-th half minute."""
    crawl = 14.0 if 20 <= n < 46 or 84 <= n < 112 else 0.0
    return 6.0 + crawl + (n * 7 % 5) * 0.6


def main(port: int) -> None:
    """Serves until it is interrupted."""
    make_server("127.0.0.1", port, lively().app(), threaded=True).serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 8090)

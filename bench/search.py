"""How fast is searching? Three ratios of one run, on the servers of the settings and what they hold.

    python -m bench.search [--queries FILE] [--json]

- uncached: a page through nginx and gunicorn against the requests that it takes, sent to Elasticsearch directly, over
  one kept connection each, in turns; p50 and p99. Every query has a bound in time of its own, so that none is kept.
- cached: requests a second for one page that is kept, against hello world (`bench/http_load.py`).
- suggest: time to suggestions through nginx and gunicorn, p99, for what is typed on the way to the queries.

FILE: a query a line as `{"text": ...}`; by default those of the demo web.
"""

from __future__ import annotations

import argparse
import base64
import http.client
import json
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson

from bench.http_load import HELLO, OURS, _served, in_turns
from riverline.adapters.elasticsearch.lexicon import Lexicon
from riverline.search import paging
from riverline.search.query import Query
from riverline.settings import ROOT, Settings

ROUNDS = 5  # of all queries; the first, which warms up, is not counted
FAR_MS = 4_000_000_000_000  # later than every publication: a bound that leaves nothing out


class Direct:
    """The requests of a search, sent to Elasticsearch over one connection."""

    def __init__(self, settings: Settings) -> None:
        server = settings.elasticsearch
        self._connection = http.client.HTTPConnection(urlsplit(server.urls[0]).netloc, timeout=30)
        who = base64.b64encode(f"{server.user}:{server.password}".encode()).decode()
        self._headers = {"Content-Type": "application/json", "Authorization": f"Basic {who}"}
        self._synonyms = Lexicon(settings.search).synonyms()

    def seconds(self, query: Query) -> float:
        """How long Elasticsearch takes for all of them; building requests and reading answers is not in it."""
        taken = 0.0

        def ask(body: dict[str, Any]) -> Mapping[str, Any]:
            nonlocal taken
            sent = orjson.dumps(body)
            start = time.perf_counter()
            self._connection.request("POST", "/documents/_search", sent, self._headers)
            answer = self._connection.getresponse()
            read = answer.read()
            taken += time.perf_counter() - start
            assert answer.status == 200, read[:300]
            found: Mapping[str, Any] = orjson.loads(read)
            return found

        paging.page(replace(query, synonyms=self._synonyms), time.time_ns() // 1_000_000, ask)
        return taken


class Site:
    """The API behind nginx, over one connection."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def seconds(self, path: str) -> float:
        """How long an answer takes. Raises AssertionError unless it is 200."""
        start = time.perf_counter()
        self._connection.request("GET", path)
        answer = self._connection.getresponse()
        read = answer.read()
        taken = time.perf_counter() - start
        assert answer.status == 200, read[:300]
        return taken


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--queries", type=Path, default=ROOT / "demo" / "judgements" / "queries.jsonl")
    parser.add_argument("--json", action="store_true", help="one line of JSON instead of a table")
    options = parser.parse_args()
    settings = Settings.load()
    texts = [orjson.loads(line)["text"] for line in options.queries.read_bytes().splitlines() if line.strip()]
    with tempfile.TemporaryDirectory() as folder, _served(settings, Path(folder)) as ports:
        site = Site(ports[OURS])
        found = {**uncached(site, Direct(settings), texts), **suggested(site, texts), **cached(ports, texts[0])}
    print(json.dumps(found) if options.json else "\n".join(f"{name:28} {value:10.3f}" for name, value in found.items()))


def uncached(site: Site, direct: Direct, texts: Sequence[str]) -> dict[str, float]:
    """Both ways in turns, in ms, and their ratio."""
    ours: list[float] = []
    theirs: list[float] = []
    for number, text in enumerate(text for _ in range(ROUNDS) for text in texts):
        until = FAR_MS + number * 1000
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(until / 1000))
        ours.append(site.seconds(f"/api/v1/search?{urlencode({'q': text, 'to': moment})}"))
        theirs.append(direct.seconds(Query(text, until=until).ordered(None)))
    found: dict[str, float] = {}
    for share in (50, 99):
        mine, plain = (percentile(times[len(texts) :], share) * 1000 for times in (ours, theirs))
        found |= {f"uncached p{share} ms": mine, f"directly p{share} ms": plain, f"p{share} ratio": mine / plain}
    return found


def suggested(site: Site, texts: Sequence[str]) -> dict[str, float]:
    """In ms."""
    times = [site.seconds(f"/api/v1/search/suggest?{urlencode({'q': typed})}") for typed in typings(texts)]
    return {"suggest p50 ms": percentile(times, 50) * 1000, "suggest p99 ms": percentile(times, 99) * 1000}


def typings(texts: Sequence[str]) -> Iterator[str]:
    """What is typed on the way to each text."""
    for text in texts:
        yield from (text[:length] for length in range(1, min(len(text), 8) + 1) if text[:length].strip())


def cached(ports: Mapping[str, int], text: str) -> dict[str, float]:
    """Requests a second, the median of alternating rounds, and their ratio."""
    page = f"/api/v1/search?{urlencode({'q': text})}"
    rates = in_turns({OURS: (ports[OURS], page), HELLO: (ports[HELLO], "/")}, "")
    ours, hello = rates[OURS], rates[HELLO]
    return {"cached per s": ours, "hello world per s": hello, "cached ratio": ours / hello}


def percentile(values: Sequence[float], share: int) -> float:
    """The value that so many percent do not exceed."""
    return sorted(values)[min(len(values) - 1, len(values) * share // 100)]


if __name__ == "__main__":
    main()

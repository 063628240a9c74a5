"""Is one version of the site slower than another? The same requests to both, in turns, over one kept connection each.

    python -m bench.two_sites NEW OLD [--rounds 5]

NEW and OLD are the addresses of two sites (`127.0.0.1:8080`) whose stacks run side by side with the same pages and
without limits of requests. Nothing but the API is used, so that versions may be far apart:

- search: the demo web's queries, each with a bound in time of its own, so that no answer is kept;
- kept search: one page again and again;
- suggestions: what is typed on the way to the queries;
- timeline: 20 posts for somebody who follows 50; and a post by somebody with 50 followers, who are deleted at the end.

Printed are p50 and p99 in milliseconds, and the median of the ratios of pairs, new by old: other work on the machine
slows down both of a pair.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import statistics
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

from bench.search import FAR_MS, percentile, typings
from riverline.settings import ROOT

QUERIES = ROOT / "demo" / "judgements" / "queries.jsonl"
FOLLOWED, POSTS, READS, KEPT = 50, 4, 400, 400


class Site:
    """One site, and somebody there who follows."""

    def __init__(self, address: str) -> None:
        self._connection = http.client.HTTPConnection(address, timeout=60)
        self._tokens: dict[int, str] = {}
        self.reader = self._user()
        self.authors = [self._user() for _ in range(FOLLOWED)]
        for author in self.authors:
            self._send("PUT", f"/users/{self.reader}/followings/{author}", None, self.reader)
            for number in range(POSTS):
                self._send("POST", "/posts", {"user_id": author, "contents": f"post {number}"}, author)
        for author in self.authors[1:]:
            self._send("PUT", f"/users/{author}/followings/{self.authors[0]}", None, author)

    def _user(self) -> int:
        name = uuid.uuid4().hex[:12]
        made = self._send("POST", "/users", {"email": f"{name}@bench.example", "name": name})
        user = int(made["id"])
        self._tokens[user] = made["token"]
        return user

    def _send(self, method: str, path: str, body: Any = None, who: int | None = None) -> Any:
        """The answer. Raises AssertionError unless it is a success."""
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if who is not None:
            headers["Authorization"] = f"Bearer {self._tokens[who]}"
        sent = None if body is None else json.dumps(body)
        self._connection.request(method, f"/api/v1{path}", sent, headers)
        answer = self._connection.getresponse()
        read = answer.read()
        assert answer.status < 300, f"{method} {path}: {answer.status} {read[:300]!r}"
        return json.loads(read) if read else None

    def milliseconds(self, method: str, path: str, body: Any = None, who: int | None = None) -> float:
        start = time.perf_counter()
        self._send(method, path, body, who)
        return (time.perf_counter() - start) * 1000

    def clear(self) -> None:
        for user in list(self._tokens):
            self._send("DELETE", f"/users/{user}", None, user)


Ask = Callable[[Site], float]  # milliseconds


def reading(path: str) -> Ask:
    return lambda site: site.milliseconds("GET", path)


def searches(texts: Sequence[str]) -> Iterator[Ask]:
    for number, text in enumerate(texts):
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(FAR_MS / 1000 + number))
        yield reading(f"/search?{urlencode({'q': text, 'to': moment})}")


def compared(sites: Sequence[Site], asked: Iterator[Ask]) -> str:
    """The cells of a row. Who is asked first changes with every pair; the first tenth warms up."""
    pairs: list[tuple[float, ...]] = []
    for number, ask in enumerate(asked):
        taken = {site: ask(site) for site in (sites if number % 2 else sites[::-1])}
        pairs.append(tuple(taken[site] for site in sites))
    counted = pairs[len(pairs) // 10 :]
    new, old = zip(*counted, strict=True)
    ratio = statistics.median(one / other for one, other in counted)
    cells = [f"{percentile(times, share):.2f}" for share in (50, 99) for times in (new, old)]
    return " | ".join([*cells, f"{ratio:.3f}", f"{len(counted)}"])


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("new")
    parser.add_argument("old")
    parser.add_argument("--rounds", type=int, default=5, help="of all queries")
    given = parser.parse_args()
    texts = [json.loads(line)["text"] for line in QUERIES.read_text("utf-8").splitlines() if line.strip()]
    sites = [Site(given.new), Site(given.old)]
    kept, typed = f"/search?{urlencode({'q': texts[0]})}", [*typings(texts)]
    rows: dict[str, Iterator[Ask]] = {
        "search": searches(texts * given.rounds),
        "kept search": itertools.repeat(reading(kept), KEPT),
        "suggestions": (reading(f"/search/suggest?{urlencode({'q': text})}") for text in typed),
        "timeline": itertools.repeat(
            lambda site: site.milliseconds("GET", f"/posts?user_id={site.reader}&limit=20", None, site.reader), READS
        ),
        "post": itertools.repeat(
            lambda site: site.milliseconds(
                "POST", "/posts", {"user_id": site.authors[0], "contents": "one more"}, site.authors[0]
            ),
            READS // 2,
        ),
    }
    print("| request | p50 new | p50 old | p99 new | p99 old | median of ratios | pairs |")
    print("|---|---|---|---|---|---|---|")
    try:
        for name, asked in rows.items():
            print(f"| {name} | {compared(sites, asked)} |", flush=True)
    finally:
        for site in sites:
            site.clear()


if __name__ == "__main__":
    main()

"""What requests cost: of each operation the heaviest that is found beside a usual one, in processor time of servers.

    source .riverline/env && python -m bench.costs [--only search] [--followed 2000] [--write]

The stack must be up without limits of requests (RIVERLINE_API__TOKEN_PER_MINUTE, RIVERLINE_API__ADDRESS_PER_MINUTE,
RIVERLINE_ACCOUNTS__PER_HOUR and RIVERLINE_ACCOUNTS__EXPORTS_PER_HOUR are 0). Requests go through nginx, one after the
other. What they cost is what nginx, API, Celery's worker, MySQL, Redis, Kafka and Elasticsearch take until they rest
again, less what they take at rest. All
candidates (bench/cost_requests.py) are tried shortly, and the dearest again for longer. No request repeats another one:
answers that are kept for a while (search, suggestions) are not measured, unless nothing else can be asked.
artefacts/costs.md is the table; `--write` puts it into bench/RESULTS.md.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import psutil

from bench.cost_requests import Candidate, Made, Operation, Request
from bench.cost_scene import Scene
from bench.relevance_report import RESULTS, placed, wrapped
from riverline.services import assemble
from riverline.settings import ROOT, Settings
from riverline_stack.supervision.processes import owned, programs_of

SERVERS = ("nginx", "api", "celery", "mysql", "redis", "kafka", "elasticsearch")
REST, LOOKS = 2.0, 5  # seconds in which it is measured what they take at rest, so often: the least is that
CALMER, BUSY = 0.9, 180.0  # as long as each time the least is so much less, but not more seconds: they do not rest yet
TRIED, MEASURED = 0.2, 1.0  # seconds of requests, of every candidate and of the dearest ones
AGAIN = 2  # of the dearest
QUIET, MORE, LONGEST = 1.5, 0.1, 30.0  # times what they take at rest, and of a core more; seconds until it is
LIMIT = 20.0
LEAST = 0.1  # milliseconds: less cannot be told from nothing
REPORT = ROOT / "artefacts" / "costs.md"
TITLE = "## What requests cost: `bench.costs`"
CALM = 0.25  # seconds between two looks whether servers rest


@dataclass(frozen=True)
class Cost:
    """Milliseconds of processor a request, and the status that most had."""

    note: str
    milliseconds: float
    status: int
    servers: Mapping[str, float]


class Meter:
    """Sends requests, and tells what they cost."""

    def __init__(self, settings: Settings, tokens: Mapping[str, str]) -> None:
        self.home, self.tokens = settings.home, tokens
        self._connection = http.client.HTTPConnection(settings.api.site, timeout=120)
        self._processes: list[tuple[psutil.Process, str]] = []
        self.look()
        self.rest = self._least()

    def _least(self) -> dict[str, float]:
        """What they take a second at rest. They do not rest yet after a crawl: what follows it gets less and less."""
        deadline, before = time.monotonic() + BUSY, float("inf")
        while True:
            least = min((self._resting() for _ in range(LOOKS)), key=lambda spent: sum(spent.values()))
            if sum(least.values()) > CALMER * before or time.monotonic() > deadline:
                return least
            before = sum(least.values())

    def _resting(self) -> dict[str, float]:
        began, before = time.monotonic(), self._spent()
        time.sleep(REST)
        return self._since(before, began)

    def look(self) -> None:
        """Finds the processes anew: it takes long, and so is not done between two readings."""
        found = owned(self.home)
        names = programs_of(found, self.home)
        self._processes = [
            (process, part) for process in found for part in SERVERS if names.get(process.pid, "").startswith(part)
        ]

    def _spent(self) -> dict[str, float]:
        spent = dict.fromkeys(SERVERS, 0.0)
        for process, part in self._processes:
            with contextlib.suppress(psutil.Error):
                spent[part] += sum(process.cpu_times()[:4])  # user, system, and of children that ended
        return spent

    def _since(self, before: Mapping[str, float], began: float) -> dict[str, float]:
        """By server, what it took a second since then."""
        passed = time.monotonic() - began
        return {part: (spent - before[part]) / passed for part, spent in self._spent().items()}

    def send(self, request: Request) -> tuple[int, bytes]:
        headers = {"Content-Type": "application/json"} if request.body is not None else {}
        if token := self.tokens.get(request.who):
            headers["Authorization"] = f"Bearer {token}"
        try:
            self._connection.request(request.method, request.path, request.body, headers)
            answer = self._connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            return 0, b""

    def settle(self) -> None:
        """Waits until the servers take little more than at rest."""
        deadline, quiet = time.monotonic() + LONGEST, QUIET * sum(self.rest.values()) + MORE
        while time.monotonic() < deadline:
            began, before = time.monotonic(), self._spent()
            time.sleep(CALM)
            if sum(self._since(before, began).values()) < quiet:
                return

    def cost(self, candidate: Candidate, seconds: float) -> Cost:
        """Of as many requests as fit into that time, three at the least."""
        self.look()
        first = candidate.made(2)
        began = time.monotonic()
        for request in first:
            self.send(request)
        each = max((time.monotonic() - began) / len(first), 0.0005)
        requests = candidate.made(max(3, min(400, int(seconds / each))))
        writes = any(request.method != "GET" for request in requests)  # of which some is done afterwards
        if writes:
            self.settle()
        began, before = time.monotonic(), self._spent()
        statuses = [self.send(request)[0] for request in requests]
        if writes:
            self.settle()
        spent = self._since(before, began)
        passed = time.monotonic() - began
        by_server = {part: (spent[part] - self.rest[part]) * passed * 1000 / len(requests) for part in SERVERS}
        return Cost(candidate.note, sum(by_server.values()), max(set(statuses), key=statuses.count), by_server)


@dataclass(frozen=True)
class Row:
    operation: Operation
    usual: Cost
    heaviest: Cost

    @property
    def ratio(self) -> float:
        return self.heaviest.milliseconds / max(self.usual.milliseconds, LEAST)


def compare(meter: Meter, of: Operation, usual: Candidate, heavy: Iterable[Candidate]) -> Row:
    """The usual request and the dearest of the others."""
    tried = sorted(
        ((meter.cost(candidate, TRIED).milliseconds, number, candidate) for number, candidate in enumerate(heavy)),
        reverse=True,
    )
    again = [meter.cost(candidate, MEASURED) for _, _, candidate in tried[:AGAIN]]
    plain = meter.cost(usual, MEASURED)
    return Row(of, plain, max([plain, *again], key=lambda cost: cost.milliseconds))


def line(row: Row) -> str:
    dear = max(row.heaviest.servers, key=lambda part: row.heaviest.servers[part])
    return (
        f"| {' '.join(row.operation).replace('/api/v1', '')} | {row.usual.milliseconds:.1f} ({row.usual.status}) | "
        f"{row.heaviest.milliseconds:.1f} ({row.heaviest.status}) | {row.ratio:.1f} | {row.heaviest.note} | {dear} |"
    )


HEAD = (
    "| operation | usual, ms (status) | heaviest, ms (status) | ratio | the heaviest | most of it |\n"
    "|---|---|---|---|---|---|"
)


def section(rows: Sequence[Row], what: str) -> str:
    """The section of bench/RESULTS.md, its heading first."""
    over = [row for row in rows if row.ratio > LIMIT]
    said = (
        f"{datetime.now(UTC):%Y-%m-%d}. `source .riverline/env && python -m bench.costs --write`. Processor time of "
        f"nginx, API, Celery, MySQL, Redis, Kafka and Elasticsearch for one request, without what they take at rest. "
        f"{what} {len(rows)} operations; the heaviest request of each costs at most "
        f"{max(row.ratio for row in rows):.1f} times the usual one; "
        f"{len(over)} of them cost more than {LIMIT:.0f} times as much."
    )
    table = "\n".join((HEAD, *map(line, sorted(rows, key=lambda row: -row.ratio))))
    return f"{TITLE}\n\n{wrapped(said)}\n\n{table}\n"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument(
        "--only", default="", help="operations whose method or path contains one of these, with commas between"
    )
    arguments.add_argument("--followed", type=int, default=2000, help="users that somebody follows and is followed by")
    arguments.add_argument("--write", action="store_true", help="puts the table into bench/RESULTS.md")
    given = arguments.parse_args()
    settings = Settings.load()
    services = assemble(settings)
    scene = Scene(services, settings.api.site, given.followed)
    rows: list[Row] = []
    try:
        for row in measured(scene, Meter(settings, scene.tokens), given.only):
            print(line(row), flush=True)
            rows.append(row)
    except KeyboardInterrupt:
        print("interrupted: the rest is not measured")
    finally:
        scene.clear()
        services.log.close()
    made = section(rows, scene.told())
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(made)
    if given.write:
        RESULTS.write_text(placed(RESULTS.read_text("utf-8"), made), "utf-8")


def measured(scene: Scene, meter: Meter, only: str) -> Iterator[Row]:
    _, description = meter.send(Request("GET", "/openapi.json"))
    made = Made(json.loads(description), scene.known(meter))
    for of, operation in made.operations():
        if any(part in " ".join(of) for part in only.split(",")):
            yield compare(meter, of, made.usual(of), made.heavy(of, operation))


if __name__ == "__main__":
    main()

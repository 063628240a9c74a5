"""One server after the other is away, frozen or full; every operation of the API is asked meanwhile, again and again.

Whoever asks first, all at once, waits 5 s at most; whoever asks then, half a second. What can be answered from
elsewhere is answered, the rest with 503 as a problem that says when to try again; and soon after the outage all is as
before. In `make test` some of it happens; `make answers` does all of it, on servers of its own, and writes the table.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles

import httpx
import pytest

from riverline.services import assemble
from riverline.settings import ROOT, Settings
from riverline_stack.servers import schema, servers
from riverline_stack.supervision import lifecycle
from tests.conftest import HOMES, own_settings
from tests.support.outages import ALL, SHORT, Outage
from tests.support.questions import Question, Visitor, questions
from tests.support.stack import Told, awaited, until

pytestmark = [pytest.mark.chaos, pytest.mark.integration]

FULL = os.environ.get("ANSWERS") == "full"
SECONDS = 12.0 if FULL else 6.0  # of asking, once the first have their answers
FIRST, LATER = 5.0, 0.5  # seconds that an answer may take
ROUNDS = 3  # of asking before it begins
RECOVERED = 30.0  # seconds after which all is as before
UNASKED = ("storm", "zookeeper", "crawler", "demo", "monitor", "celery-beat")  # programs that no answer waits for
TIMES = "first, at most | then p50 | p99 | at most |"
TABLES = {  # files below artefacts/: a line an outage, and one an operation in each
    "answers.md": f"| outage | as always | 503 | either | {TIMES} as before after |\n" + "|---" * 9 + "|\n",
    "answers-each.md": f"| outage | asked | answers | {TIMES}\n" + "|---" * 7 + "|\n",
}


@pytest.fixture(scope="module")
def site(request: pytest.FixtureRequest) -> Iterator[Settings]:
    """The servers behind the API, and the API; of the run's whole stack where others need that."""
    if not FULL:
        yield request.getfixturevalue("stack")
        return
    settings = own_settings().placed(HOMES[0].parent / "answers")
    settings.home.mkdir(parents=True, exist_ok=True)
    with (settings.home / "session").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # another run has the folder
        lifecycle.down(settings, servers.programs(settings), Told())
        lifecycle.forget(settings)
        try:
            start(settings)
            yield settings
        finally:
            lifecycle.down(settings, servers.programs(settings), Told())


def start(settings: Settings) -> None:
    """Servers first, then what they must hold, then the API."""
    servers.install(settings, Told().say)
    everything = servers.programs(settings)
    programs = [one for one in everything if not one.name.startswith(UNASKED)]
    lifecycle.begin(settings, everything, os.getpid())
    apart = {one.name for one in servers.applications(settings)}
    lifecycle.start(settings, [one for one in programs if one.name not in apart], Told())
    schema.prepare(settings, Told().say)
    lifecycle.start(settings, [one for one in programs if one.name in apart], Told())


@pytest.fixture(scope="module")
def visitor(site: Settings) -> Visitor:
    return Visitor(site, assemble(site).tokens)


@pytest.fixture(scope="module")
def asked(visitor: Visitor) -> list[Question]:
    return questions(awaited(visitor.searched, 60))


@pytest.fixture(scope="module")
def tables() -> Path:
    """The folder of the tables, with their heads."""
    folder = ROOT / "artefacts"
    folder.mkdir(exist_ok=True)
    for name, head in TABLES.items():
        (folder / name).write_text(head)
    return folder


class Starvation(threading.Thread):
    """How long this process did not run when it wanted to: time that no server and no program of ours has taken."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._late: list[tuple[float, float]] = []
        self._ended = threading.Event()

    def run(self) -> None:
        before = time.monotonic()
        while not self._ended.wait(0.01):
            now = time.monotonic()
            self._late.append((now, now - before - 0.01))
            before = now

    def within(self, since: float, until: float) -> float:
        """Seconds in all."""
        return sum(late for at, late in list(self._late) if since <= at <= until)

    def end(self) -> None:
        self._ended.set()
        self.join()


@dataclass
class Answers:
    """What one operation was answered in one outage, and how long that took: in seconds."""

    question: Question
    before: float = 0.0  # the longest without an outage
    first: list[float] = field(default_factory=list)
    later: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def row(self, outage: str) -> str:
        told = ", ".join(f"{status} × {count}" for status, count in sorted(self.statuses.items()))
        return f"| {outage} | {self.question.name} | {told} | {_times(self.first, self.later)} |\n"

    @property
    def kind(self) -> str:
        """`as always`, `503`, or `either`."""
        refused = self.statuses[503] if self.question.name != READY else 0
        return "as always" if not refused else "503" if refused == self.statuses.total() else "either"


READY = "GET /health/ready"  # 503 says there what is away, and is what it is asked for


def _times(first: list[float], later: list[float]) -> str:
    """The longest of the first; the median, the 99th percentile and the longest of the later ones."""
    points = quantiles(later, n=100, method="inclusive") if len(later) > 1 else later * 99
    times = (max(first, default=0.0), points[49], points[98], max(later)) if points else (0.0,) * 4
    return " | ".join(f"{one:.2f} s" for one in times)


def line(outage: str, answers: list[Answers], recovered: float) -> str:
    """Of all operations together."""
    kinds = Counter(one.kind for one in answers)
    counts = " | ".join(str(kinds[kind]) for kind in ("as always", "503", "either"))
    times = _times([t for one in answers for t in one.first], [t for one in answers for t in one.later])
    return f"| {outage} | {counts} | {times} | {recovered:.0f} s |\n"


class Asking:
    """Asks during one outage."""

    def __init__(self, visitor: Visitor, asked: list[Question], outage: Outage) -> None:
        self.visitor, self.outage = visitor, outage
        self.answers = [Answers(question) for question in asked]
        self.starvation = Starvation()
        self.starvation.start()

    def warm_up(self) -> None:
        """What each answer takes on this machine while nothing is away."""
        for one in self.answers * ROUNDS:
            began = time.monotonic()
            one.question.ask(self.visitor)
            one.before = max(one.before, time.monotonic() - began)

    def run(self) -> None:
        with ThreadPoolExecutor(len(self.answers)) as crowd:
            list(crowd.map(lambda one: self._ask(one, one.first, FIRST), self.answers))
        ends = time.monotonic() + SECONDS
        while time.monotonic() < ends:
            for one in self.answers:
                self._ask(one, one.later, LATER)
        self.starvation.end()

    def _ask(self, one: Answers, times: list[float], most: float) -> None:
        began = time.monotonic()
        try:
            answer = one.question.ask(self.visitor)
        except httpx.HTTPError as error:
            one.wrong.append(f"{type(error).__name__} after {time.monotonic() - began:.1f} s")
            return
        if answer is None:
            return
        ended = time.monotonic()
        times.append(ended - began)
        one.statuses[answer.status_code] += 1
        if ended - began > most + one.before + self.starvation.within(began, ended):
            one.wrong.append(f"{ended - began:.2f} s")
        if fault := self._fault(one.question, answer):
            one.wrong.append(fault)

    def _fault(self, question: Question, answer: httpx.Response) -> str:
        if answer.status_code not in question.allowed(self.outage.away, self.outage.shaken):
            return f"{answer.status_code} {answer.text[:200]}"
        if answer.status_code == 503 and question.name != READY:
            kind = answer.headers["content-type"]
            page = question.name.startswith("page ") and kind.startswith("text/html")
            if not page and kind != "application/problem+json":
                return f"503 as {kind}"
            if not answer.headers.get("retry-after"):
                return "503 without Retry-After"
        return ""


def all_well(visitor: Visitor, asked: list[Question]) -> list[str]:
    """What is not answered as it is without an outage."""
    found = []
    for question in asked:
        answer = question.ask(visitor)
        if answer is not None and answer.status_code not in question.normal:
            found.append(f"{question.name}: {answer.status_code}")
    return found


@pytest.mark.parametrize("name", list(ALL) if FULL else SHORT)
def test_what_is_asked_during_an_outage_is_answered_in_time(
    name: str, site: Settings, visitor: Visitor, asked: list[Question], tables: Path
) -> None:
    assert until(lambda: not all_well(visitor, asked), 60), f"before the outage: {all_well(visitor, asked)}"
    visitor.supply()
    asking = Asking(visitor, asked, ALL[name])
    asking.warm_up()
    visitor.supply()
    with ALL[name].begin(site):
        asking.run()
    ended = time.monotonic()
    recovered = until(lambda: not all_well(visitor, asked), RECOVERED)
    with (tables / "answers-each.md").open("a") as each, (tables / "answers.md").open("a") as whole:
        each.writelines(one.row(name) for one in asking.answers)
        whole.write(line(name, asking.answers, time.monotonic() - ended))
    wrong = {one.question.name: one.wrong[:5] for one in asking.answers if one.wrong}
    assert not wrong, "\n".join(f"{question}: {found}" for question, found in wrong.items())
    assert recovered, all_well(visitor, asked)

"""Everything in one process: the real spout, bolts, indexer, outbox and tasks over the twins, under simulated time."""

from __future__ import annotations

import contextlib
import logging
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import bolts.base
import bolts.deduplicate
import bolts.index
import bolts.parse
import bolts.tag
import bolts.task_selection
import spouts.pages
import spouts.poller
import topologies.content as wiring
from riverline import logs
from riverline.adapters.elasticsearch.post_documents import PostDocuments
from riverline.errors import RiverlineError
from riverline.feed.feed import Feed
from riverline.model import Page
from riverline.pipeline.contracts import LetterState
from riverline.pipeline.dead_letters import DeadLetterQueue
from riverline.services import Services
from riverline.settings import Settings
from riverline.testing.memory_dead_letters import MemoryDeadLetters
from riverline.testing.memory_timelines import MemoryTimelines
from riverline.testing.outages import Condition, Server, reached_through
from riverline.testing.queued_log import QueuedLog
from tests.simulation.broker import Brokers, Changes, Consumer
from tests.simulation.celery_model import Celery
from tests.simulation.clock import Clock, in_the_place_of_time
from tests.simulation.index import Index
from tests.simulation.outbox import Ledger
from tests.simulation.storm import Storm, Subscription, Task, Topology
from tests.simulation.web import CRASH, topic

REFRESH = 1.0  # seconds until a search sees what was written
DEATHS = 3  # of a parser over one record, and the record is said to be the reason
LATENCY = 0.002  # seconds of a call to a server, on average
TIMEOUTS = {"kafka": 10.0, "elasticsearch": 30.0, "mysql": 10.0, "redis": 2.0, "queue": 2.0}  # of clients, s
PLAIN = Settings()
COMPONENTS = {
    "pages": spouts.pages.PageSpout,
    "deduplicate": bolts.deduplicate.DeduplicateBolt,
    "parse": bolts.parse.ParseBolt,
    "tag": bolts.tag.TagBolt,
    "index": bolts.index.IndexBolt,
}


class World:
    """One run. Use it as a context: outside of it, the programs are as they were.

    `topology` changes its settings (`workers`, `parsers`, ...); `parse_seconds` is what a page costs the parser.
    Without `crawling` no topology runs: a story of posts alone need not simulate its polling.
    """

    def __init__(
        self,
        seed: int,
        topology: Mapping[str, Any] | None = None,
        parse_seconds: float = 0.01,
        sweep: float = 5.0,
        people: int = 0,
        crawling: bool = True,
    ) -> None:
        self.random, self.clock, self._crawling = Random(seed), Clock(), crawling
        self.folder = Path(tempfile.mkdtemp(prefix="riverline-simulation-"))
        self.parse_seconds, self._sweep, self._people = parse_seconds, sweep, people
        self.wanted = {"seen_capacity": 10_000, "parsers_most": 2, "taggers": 1, "taggers_most": 1, **(topology or {})}
        self.servers = {
            name: Server(name, self.clock.sleep, timeout, Random(f"{seed} {name}"), LATENCY)
            for name, timeout in TIMEOUTS.items()
        }
        self.index, self.brokers = Index(self.clock), Brokers(self.clock.now_ms)
        self.catalogue = MemoryDeadLetters()
        self.storm = Storm(self.clock, Random(f"{seed} storm"), self._start, _release)
        self.parsed: Counter[tuple[str, int]] = Counter()  # by URL and fetch
        self.deaths: Counter[tuple[str, int]] = Counter()
        self._parsing: dict[int, tuple[str, int]] = {}  # by task
        self._undo = contextlib.ExitStack()
        self.clock.every(REFRESH, self.index.refresh_soon)

    def __enter__(self) -> World:
        logging.disable(logging.CRITICAL)
        self._undo.callback(logging.disable, logging.NOTSET)
        self._undo.enter_context(in_the_place_of_time(self.clock))
        for target, name, new in self._replacements():
            self._undo.enter_context(patch.object(target, name, new))
        self._open_feed()
        if self._crawling:
            self.storm.submit(self.topology())
        return self

    def __exit__(self, *_: object) -> None:
        self.clock.close()
        for made in self.storm.made:
            _release(made)
            with contextlib.suppress(OSError, AttributeError):
                made.deduplicator.seen.close()
        self.repository.close()
        self._undo.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    # What the programs find in the place of the world

    def _replacements(self) -> list[tuple[Any, str, Any]]:
        nothing = SimpleNamespace(start=lambda: None)
        threads = SimpleNamespace(Lock=Lock, Condition=lambda: Room(self.clock))
        return [
            *((module, "report", lambda *_: Silence()) for module in (bolts.base, bolts.index, spouts.pages)),
            *((module, "assemble", self._services) for module in (bolts.deduplicate, bolts.index)),
            *((module, "deadline", lambda *_, **__: contextlib.nullcontext()) for module in (bolts.parse, bolts.tag)),
            (bolts.parse, "parse", self._parse),
            (bolts.task_selection, "_Follower", lambda *_: nothing),
            (spouts.poller, "KafkaConsumer", lambda **_: Consumer(self.clock, self.servers["kafka"], self.brokers)),
            (spouts.poller, "TopicChanges", lambda *_: Changes(self.servers["kafka"], self.brokers)),
            (spouts.poller, "threading", threads),
            (spouts.pages, "threading", threads),
            (spouts.poller.Poller, "start", lambda poller: self._start_poller(poller)),
            (Settings, "from_storm", classmethod(lambda _, conf: conf["simulated"])),
            (logs, "configure", lambda: None),
        ]

    def settings(self, host: str = "host-1") -> Settings:
        plain = PLAIN.placed(self.folder / host)
        return plain.model_copy(update={"topology": plain.topology.model_copy(update=self.wanted)})

    def topology(self) -> Topology:
        """As topologies/content.py wires it, with this run's numbers of tasks."""
        wanted = self.settings().topology
        tasks = {"pages": wanted.spouts, "deduplicate": wanted.deduplicators, "index": wanted.indexers}
        tasks["parse"] = max(wanted.parsers, wanted.parsers_most)
        tasks["tag"] = max(wanted.taggers, wanted.taggers_most)
        timeout = float(wiring.Content.config["topology.message.timeout.secs"])
        many = wanted.workers
        return Topology(COMPONENTS, tasks, subscriptions(), frozenset(["pages"]), many, wanted.pending, timeout, many)

    def _services(self, settings: Settings) -> Services:
        """Of one process: what it has not written yet is its own."""
        index = reached_through(self.servers["elasticsearch"], self.index)
        log = QueuedLog(self.servers["kafka"], self.brokers)
        return Services(settings, index, log, self.clock.now_ms)

    def _start(self, made: Any, task: Task, context: Mapping[str, Any]) -> None:
        made.logger = Silence()
        settings = self.settings(task.worker.host)
        made.simulated_task = task
        made.initialize({**wiring.Content.config, "simulated": settings}, context)

    def _start_poller(self, poller: Any) -> None:
        """The thread of a spout's process: it ends with it."""
        task = next(task for task in self.storm.tasks.values() if task.actor is self.clock.actor)
        actor = self.clock.spawn("poller", poller.run)
        task.threads.append(actor)

    def _parse(self, page: Page) -> Any:
        from riverline.parsing.parse import parse

        task = next(task for task in self.storm.tasks.values() if task.actor is self.clock.actor)
        what = page.key, page.fetched_at
        self.parsed[what] += 1
        self._parsing[task.id] = what
        self.clock.sleep(self.parse_seconds * (0.5 + self.random.random()))
        if page.body.startswith(CRASH):
            self._dies([other for other in task.worker.tasks if other is not task])
            self.storm.kill(task.worker)
        del self._parsing[task.id]
        return parse(page)

    # What happens in it

    def arrive(self, page: Page) -> None:
        """The crawler's record is in Kafka."""
        self.brokers.append(topic(page), page)

    def may_die(self, tasks: list[Task]) -> bool:
        """Whether nobody could take what was just parsed for the reason: three times the same record would be."""
        held = [what for task in tasks if (what := self._parsing.get(task.id))]
        return all(self.deaths[what] < DEATHS - 1 for what in held)

    def crash(self, component: str, place: int = 0, host: str | None = None) -> bool:
        tasks = [task for task in self.storm.tasks.values() if task.component == component]
        worker = tasks[place % len(tasks)].worker
        if not worker.up or not self.may_die(worker.tasks):
            return False
        self._dies(worker.tasks)
        self.storm.kill(worker, host)
        return True

    def redeploy(self, host: str = "host-1", **wanted: Any) -> bool:
        """Another number of workers or tasks, or another host; the files stay where they are."""
        if not self.may_die(list(self.storm.tasks.values())):
            return False
        self._dies(list(self.storm.tasks.values()))
        self.wanted |= wanted
        self.storm.submit(self.topology(), host)
        return True

    def _dies(self, tasks: list[Task]) -> None:
        for task in tasks:
            if what := self._parsing.pop(task.id, None):
                self.deaths[what] += 1

    def outage(self, name: str, condition: Condition, seconds: float, **more: Any) -> None:
        """A server is away, for so long. An outage that goes on already is left as it is."""
        server = self.servers[name]
        if server.condition is not Condition.UP:
            return
        server.leave(condition, **more)
        self.clock.later(seconds, lambda: self._back(name, condition))

    def _back(self, name: str, condition: Condition) -> None:
        server = self.servers[name]
        if server.condition is condition:
            if name == "elasticsearch" and condition is Condition.REFUSED:
                self.index.restart()
            server.come_back()

    def replay_dead_letters(self) -> None:
        """As `riverline replay dead-letter` does."""
        log = QueuedLog(self.servers["kafka"], self.brokers)
        index = reached_through(self.servers["elasticsearch"], self.index)
        catalogue = reached_through(self.servers["mysql"], self.catalogue)
        queue = DeadLetterQueue(log, index, catalogue, self.settings().kafka.dead_letter, self.clock.now_ms)

        def work() -> None:
            with contextlib.suppress(RiverlineError):
                queue.catch_up()
                for _ in queue.send_again(list(queue.letters([LetterState.WAITING]))):
                    pass

        self.clock.spawn("replay", work)

    # Posts

    def _open_feed(self) -> None:
        self.repository, self.lists = Ledger(self.clock), MemoryTimelines(8)
        repository = reached_through(self.servers["mysql"], self.repository)
        cache = reached_through(self.servers["redis"], self.lists)
        self.feed = Feed(repository, cache, 8, self.clock.sleep)
        index = reached_through(self.servers["elasticsearch"], self.index)
        self.site = self.settings().api.site
        posts = PostDocuments(index, self.site)
        self.celery = Celery(self.clock, self.random, self.servers["queue"], self.feed, posts, sweep=self._sweep)
        self._undo.enter_context(self.celery.in_the_place_of_celery())
        self.writer = self.feed.writer(self.celery.send)
        self.people = [self.repository.create_user(f"{n}@example.org", f"User {n}").id for n in range(self._people)]

    def does(self, name: str, *arguments: Any) -> None:
        """Somebody asks the API for something. It may answer with an error: then it was done, or not."""

        def work() -> None:
            with contextlib.suppress(RiverlineError):
                getattr(self.writer, name)(*arguments)

        self.clock.spawn(name, work)

    def reads(self, user: int) -> None:
        def work() -> None:
            with contextlib.suppress(RiverlineError):
                self.feed.reader.read(user, 3)

        self.clock.spawn("read", work)

    def run(self, seconds: float) -> None:
        self.clock.run(self.clock.now + seconds)


def _release(made: Any) -> None:
    """The locks of a process that is over."""
    with contextlib.suppress(AttributeError):
        made.guard.close()


def subscriptions() -> dict[tuple[str, str], list[Subscription]]:
    """Who reads which stream, as streamparse tells Storm."""
    sources = {**wiring.Content.thrift_spouts, **wiring.Content.thrift_bolts}
    found: dict[tuple[str, str], list[Subscription]] = {}
    for name, bolt in wiring.Content.thrift_bolts.items():
        for stream, grouping in bolt.common.inputs.items():
            fields = sources[stream.componentId].common.streams[stream.streamId].output_fields
            chosen = grouping.fields if grouping.fields is not None else ()
            kind = "fields" if grouping.fields is not None else "direct" if grouping.direct is not None else "shuffle"
            one = Subscription(name, kind, [fields.index(field) for field in chosen])
            found.setdefault((stream.componentId, stream.streamId), []).append(one)
    return found


class Silence:
    """A logger of nothing."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_, **__: None


class Lock:
    """Nobody holds one while somebody else runs; if that were to change, this says so."""

    def __init__(self) -> None:
        self._held = False

    def __enter__(self) -> None:
        assert not self._held, "a lock is waited for: somebody waited for a server while holding it"
        self._held = True

    def __exit__(self, *_: object) -> None:
        self._held = False


class Room(Lock):
    """`threading.Condition` as the poller uses it."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def wait_for(self, predicate: Callable[[], bool], timeout: float) -> bool:
        waited = 0.0
        while not predicate() and waited < timeout:
            self._held = False
            self._clock.sleep(0.1)
            self._held = True
            waited += 0.1
        return predicate()

    def notify(self) -> None: ...

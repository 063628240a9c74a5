"""A model of Storm, as far as its promises and its failures go.

Every tuple of a spout is the root of a tree. The tree is done when each tuple of it is acknowledged; it fails at the
first one that is failed, or when it is older than the message timeout, which is looked at once in a timeout only, so
between one and two of them. A failed tree is forgotten: its copies stay in the bolts' queues and are worked on, and
what is said about them changes nothing. A component's process that dies takes its worker with it: all queues and all
memory of the worker are lost, what is sent to it meanwhile too, and it starts again after some seconds.
The real Storm has no part in this; what the model says of it is from its sources (SpoutExecutor, RotatingMap, Acker).
"""

from __future__ import annotations

import traceback
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from random import Random
from typing import Any
from zlib import crc32

from streamparse import Tuple

from riverline.errors import Transient
from tests.simulation.clock import Actor, Clock

FIRST_TICK, LONGEST_TICK = 0.02, 0.5  # seconds between two calls of what a bolt does when nothing comes
SHORTEST_REST, LONGEST_REST = 0.005, 0.25  # seconds between two calls of a spout that has nothing
TURN = 0.001  # seconds of a spout's turn
RESTART = (5.0, 20.0)  # seconds in which a worker is back


@dataclass(frozen=True, slots=True)
class Subscription:
    """Who reads a stream, and how it is dealt out: `shuffle`, `direct`, or the places of the fields."""

    component: str
    grouping: str
    places: Sequence[int] = ()


@dataclass(frozen=True)
class Topology:
    """Components by name: how one is made, and how many tasks it has; and the streams between them."""

    makers: Mapping[str, Callable[..., Any]]
    tasks: Mapping[str, int]
    subscriptions: Mapping[tuple[str, str], Sequence[Subscription]]
    spouts: frozenset[str]
    ackers: int
    pending: int
    timeout: float
    workers: int = 1


@dataclass(eq=False)
class Tree:
    """A tuple of a spout, with all that was made of it."""

    message: str
    spout: Task
    acker: Worker
    open: set[str] = field(default_factory=set)
    over: bool = False


@dataclass(eq=False)
class Task:
    """One process of a component."""

    id: int
    component: str
    worker: Worker
    up: bool = False
    made: Any = None
    actor: Actor | None = None
    threads: list[Actor] = field(default_factory=list)  # of its process, beside the first
    idle: bool = False  # nothing comes: it may be woken
    inbox: deque[Any] = field(default_factory=deque)
    held: dict[str, tuple[Tuple, Tree]] = field(default_factory=dict)  # tuples that were taken and not answered
    current: Tree | None = None
    waiting: list[dict[int, Tree]] = field(default_factory=lambda: [{}, {}])  # of a spout, the young and the old

    @property
    def pending(self) -> int:
        return sum(map(len, self.waiting))


@dataclass(eq=False)
class Worker:
    """A JVM on a host, with the processes of its tasks."""

    number: int
    host: str
    up: bool = False
    tasks: list[Task] = field(default_factory=list)


class Storm:
    """Runs a topology. `start(component, task id, host)` prepares a made component, as its process does; `ended` is
    told of one whose process is over."""

    def __init__(
        self,
        clock: Clock,
        random: Random,
        start: Callable[[Any, Task, Mapping[str, Any]], None],
        ended: Callable[[Any], None],
    ) -> None:
        self._clock, self._random, self._start, self._ended = clock, random, start, ended
        self.topology: Topology | None = None
        self.workers: list[Worker] = []
        self.tasks: dict[int, Task] = {}
        self.faults: list[str] = []  # tracebacks of processes that ended by an exception
        self.made: list[Any] = []  # every component that ever ran: its files are closed at the end
        self.told: Counter[str] = Counter()
        self._names = 0
        self._deployment = 0

    # What an operator does

    def submit(self, topology: Topology, host: str = "host-1") -> None:
        """In the place of what ran. Task ids are dealt anew: the ackers first, then the components by name."""
        self._deployment += 1
        self.told["deployments"] += 1
        for worker in self.workers:
            self._stop(worker)
        self.topology = topology
        self.workers = [Worker(number, host) for number in range(topology.workers)]
        self.tasks = {}
        number = topology.ackers
        for component in sorted(topology.tasks):
            for _ in range(topology.tasks[component]):
                number += 1
                task = Task(number, component, self.workers[number % topology.workers])
                self.tasks[number] = task
                task.worker.tasks.append(task)
        for worker in self.workers:
            self._launch(worker)

    def stop(self) -> None:
        self._deployment += 1
        for worker in self.workers:
            self._stop(worker)

    def crash(self, component: str, place: int = 0, host: str | None = None) -> None:
        """kill -9 of a component's process. Its worker goes with it, and comes back, perhaps on another host."""
        tasks = [task for task in self.tasks.values() if task.component == component]
        self.kill(tasks[place % len(tasks)].worker, host)

    def kill(self, worker: Worker, host: str | None = None) -> None:
        if not worker.up:
            return
        self.told["crashes"] += 1
        deployment, actor = self._deployment, self._clock.actor
        self._clock.later(self._random.uniform(*RESTART), lambda: self._relaunch(worker, deployment, host))
        self._stop(worker)
        if actor is not None and not actor.alive:
            self._clock.end(actor)  # it was one of its own processes

    def _relaunch(self, worker: Worker, deployment: int, host: str | None) -> None:
        if deployment == self._deployment:
            worker.host = host or worker.host
            self._launch(worker)

    def _stop(self, worker: Worker) -> None:
        worker.up = False
        for task in worker.tasks:
            task.up = False
            for actor in filter(None, (task.actor, *task.threads)):
                actor.alive = False
            task.threads = []
            if task.made is not None:
                self._ended(task.made)
            for tree in (tree for bucket in task.waiting for tree in bucket.values()):
                tree.over = True
            task.inbox, task.held, task.waiting = deque(), {}, [{}, {}]
        for task in self.tasks.values():
            for tree in (tree for bucket in task.waiting for tree in bucket.values()):
                if tree.acker is worker:
                    tree.open.add("")  # nobody counts it any more: it ends by its timeout

    def _launch(self, worker: Worker) -> None:
        worker.up = True
        for task in worker.tasks:
            task.up, task.idle, task.current = True, False, None
            work = self._spout if task.component in self._topology.spouts else self._bolt
            task.actor = self._clock.spawn(f"{task.component}-{task.id}", lambda task=task, work=work: work(task))

    @property
    def _topology(self) -> Topology:
        assert self.topology is not None
        return self.topology

    # What a process does

    def _make(self, task: Task) -> Any:
        made = self._topology.makers[task.component](input_stream=BytesIO(), output_stream=BytesIO())
        task.made = made
        self.made.append(made)
        made.emit = lambda values, **more: self._emit(task, values, **more)
        if task.component not in self._topology.spouts:
            made.ack = lambda tup: self._answer(task, tup, True)
            made.fail = lambda tup: self._answer(task, tup, False)
        context = {str(one.id): one.component for one in self.tasks.values()}
        context |= {str(number): "__acker" for number in range(1, self._topology.ackers + 1)}
        self._start(made, task, {"taskid": task.id, "task->component": context})
        return made

    def _guarded(self, task: Task, step: Callable[[], Any]) -> Any:
        """An exception ends the process."""
        try:
            return step()
        except Transient:
            self.told["processes that met no server"] += 1
            self.kill(task.worker)
        except Exception:
            self.faults.append(f"{task.component}-{task.id}: {traceback.format_exc()}")
            self.kill(task.worker)

    def _bolt(self, task: Task) -> None:
        made = self._guarded(task, lambda: self._make(task))
        tick = FIRST_TICK
        while True:
            if task.inbox:
                tup, tree = task.inbox.popleft()
                task.held[tup.id], task.current = (tup, tree), tree
                self._guarded(task, lambda tup=tup: made.process(tup))
                tick = FIRST_TICK
                continue
            idle = getattr(made.serializer, "idle", None)
            self._rest(task, tick if idle and task.held else 3600.0)
            if idle and not task.inbox:
                before = len(task.held)
                self._guarded(task, idle)
                tick = FIRST_TICK if len(task.held) < before else min(tick * 2, LONGEST_TICK)

    def _spout(self, task: Task) -> None:
        made = self._guarded(task, lambda: self._make(task))
        self._rotate(task, task.actor)
        rest = SHORTEST_REST
        while True:
            before = self.told["emitted"]
            answers, task.inbox = task.inbox, deque()
            for answer, message in answers:
                self._guarded(task, lambda a=answer, m=message: getattr(made, a)(m))
            if task.pending < self._topology.pending:
                self._guarded(task, made.next_tuple)
            busy = answers or self.told["emitted"] > before
            rest = SHORTEST_REST if busy else min(rest * 2, LONGEST_REST)
            if not task.inbox:
                self._rest(task, TURN if busy else rest)

    def _rotate(self, task: Task, actor: Actor | None) -> None:
        """Every message timeout the old ones are over, and the young ones are old."""

        def turn() -> None:
            if actor is None or not actor.alive:
                return
            young, old = task.waiting
            task.waiting = [{}, young]
            for tree in old.values():
                tree.over = True
                self.told["timeouts"] += 1
                self._tell(task, "fail", tree.message)
            self._clock.later(self._topology.timeout, turn)

        self._clock.later(self._random.uniform(0, self._topology.timeout), turn)

    # What goes between them

    def _emit(
        self, task: Task, values: Sequence[Any], stream: str = "default", tup_id: str | None = None,
        direct_task: int | None = None, **_: Any,
    ) -> None:  # fmt: skip
        tree = task.current
        if task.component in self._topology.spouts:
            self.told["emitted"] += 1
            tree = Tree(tup_id or "", task, self.workers[crc32(f"{self._names}".encode()) % len(self.workers)])
            task.waiting[0][id(tree)] = tree
        assert tree is not None
        for subscription in self._topology.subscriptions.get((task.component, stream), ()):
            target = self._target(subscription, values, direct_task)
            self._names += 1
            tup = Tuple(f"{self._names:016d}", task.component, stream, task.id, list(values))
            tree.open.add(tup.id)
            if target.up:
                target.inbox.append((tup, tree))
                self._wake(target)

    def _target(self, to: Subscription, values: Sequence[Any], direct_task: int | None) -> Task:
        tasks = [task for task in self.tasks.values() if task.component == to.component]
        if to.grouping == "direct":
            assert direct_task is not None
            return self.tasks[direct_task]
        if to.grouping == "shuffle":
            return self._random.choice(tasks)
        key = "\0".join(str(values[place]) for place in to.places)
        return tasks[crc32(key.encode()) % len(tasks)]

    def _answer(self, task: Task, tup: Any, done: bool) -> None:
        name = getattr(tup, "id", tup)
        if name not in task.held:
            raise RuntimeError(f"{task.component}-{task.id} answered a tuple twice, or one that it never had: {name}")
        _, tree = task.held.pop(name)
        if tree.over or not tree.acker.up:
            self.told["late answers"] += 1
            return
        tree.open.discard(name)
        if not done or not tree.open:
            tree.over = True
            for bucket in tree.spout.waiting:
                bucket.pop(id(tree), None)
            self.told["acks" if done else "fails"] += 1
            self._tell(tree.spout, "ack" if done else "fail", tree.message)

    def _tell(self, spout: Task, answer: str, message: str) -> None:
        if spout.up:
            spout.inbox.append((answer, message))
            self._wake(spout)

    def _rest(self, task: Task, seconds: float) -> None:
        task.idle = True
        self._clock.sleep(seconds)
        task.idle = False

    def _wake(self, task: Task) -> None:
        if task.idle and task.actor is not None:
            task.idle = False
            task.actor.wake()

"""Every page ends as it should, under any interleaving.

The machine lets pages come, change, move and go, takes servers away for any time and in any way, kills and moves what
runs, loses files and queues, deletes topics and replays dead letters, and lets time pass between. At any moment what
checks.Watch sees must hold; at the end, once all servers are back, all of it.
"""

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from riverline.testing.outages import Condition
from tests.simulation.checks import Watch
from tests.simulation.faults import AWAY, finished
from tests.simulation.web import KINDS, Web
from tests.simulation.world import World

SEQUENCES = int(os.environ.get("PAGE_SEQUENCES", "200"))
STEPS = 25

seconds = st.sampled_from((0.3, 3.0, 20.0, 70.0, 150.0, 400.0))
components = st.sampled_from(("pages", "deduplicate", "parse", "tag", "index"))
hosts = st.sampled_from((None, "host-1", "host-2"))
servers = st.sampled_from(("elasticsearch", "kafka", "redis", "mysql", "queue"))


class Pages(RuleBasedStateMachine):
    """A world, and what may happen in it."""

    def __init__(self) -> None:
        super().__init__()
        self.world: World | None = None

    @initialize(
        workers=st.integers(1, 2), indexers=st.integers(1, 2), pending=st.sampled_from((5, 250)),
        cost=st.sampled_from((0.005, 2.0)),
    )  # fmt: skip
    def begin(self, workers: int, indexers: int, pending: int, cost: float) -> None:
        topology = {"workers": workers, "indexers": indexers, "pending": pending}
        self.world = World(1, topology, cost, people=2)
        self.world.__enter__()
        self.watch, self.web = Watch(self.world), Web(self.world.random, hosts=2, paths=4)

    # What the crawler finds, and people do

    @rule(kind=st.sampled_from(KINDS), count=st.integers(1, 3))
    def pages(self, kind: str, count: int) -> None:
        for _ in range(count):
            for page in self.web.happens(kind, self.world.clock.now_ms()):
                self.world.arrive(page)

    @rule(what=st.sampled_from(("post", "follow", "delete_post")))
    def person(self, what: str) -> None:
        one, other = self.world.people
        posts = sorted(self.world.repository._posts)
        arguments = {"post": (one, "text", (), "en"), "follow": (other, one), "delete_post": tuple(posts[:1])}
        if arguments[what]:
            self.world.does(what, *arguments[what])

    # What goes wrong

    @rule(server=servers, condition=st.sampled_from(AWAY), long=seconds, delay=st.sampled_from((1.0, 40.0)))
    def outage(self, server: str, condition: Condition, long: float, delay: float) -> None:
        self.world.outage(server, condition, long, delay=delay, share=0.5)

    @rule(server=servers, count=st.integers(1, 2))
    def lose_answers(self, server: str, count: int) -> None:
        self.world.servers[server].lose_answers(count)

    @rule(component=components, host=hosts)
    def crash(self, component: str, host: str | None) -> None:
        self.world.crash(component, 0, host)

    @rule(workers=st.integers(1, 2), indexers=st.integers(1, 2), host=st.sampled_from(("host-1", "host-2", "host-3")))
    def deploy(self, workers: int, indexers: int, host: str) -> None:
        self.world.redeploy(host, workers=workers, indexers=indexers)

    @rule(queue=st.booleans())
    def celery(self, queue: bool) -> None:
        if queue:
            self.world.celery.lose_queue()
        else:
            self.world.celery.crash()

    @rule(long=st.sampled_from((1.0, 4.0, 70.0)))
    def topic_vanishes(self, long: float) -> None:
        for topic in self.world.brokers.topics()[:1]:
            self.world.brokers.hidden.add(topic)
            self.world.clock.later(long, lambda topic=topic: self.world.brokers.hidden.discard(topic))

    @rule()
    def topic_is_deleted(self) -> None:
        for topic in self.world.brokers.topics()[:1]:
            self.world.brokers.delete_topic(topic)

    @rule()
    def replay(self) -> None:
        self.world.replay_dead_letters()

    @rule(long=seconds)
    def time_passes(self, long: float) -> None:
        self.world.run(long)

    @invariant()
    def nothing_wrong_is_seen(self) -> None:
        if self.world is not None:
            none_of(self.watch.wrong)

    def teardown(self) -> None:
        if self.world is not None:
            try:
                none_of(self.watch.wrong + finished(self.world))
            finally:
                self.world.__exit__()


def none_of(wrong: list[str]) -> None:
    assert not wrong, "\n".join(wrong[:20])


Pages.TestCase.settings = settings(
    max_examples=SEQUENCES,
    stateful_step_count=STEPS,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
test_every_page_ends_as_it_should_under_any_interleaving = Pages.TestCase

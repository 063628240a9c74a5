"""An hour of load and outages, drawn by lot from a seed."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from riverline.testing.outages import Condition
from tests.simulation.checks import Watch, settled, wrong_at_the_end
from tests.simulation.web import KINDS, Web
from tests.simulation.world import World

HOUR = 3600.0
SETTLES = 2 * HOUR  # in which everything has to be done once all servers are back
REST = 200.0  # seconds that go by after that: what is still under way then shows
AWAY = (Condition.REFUSED, Condition.SILENT, Condition.SLOW, Condition.FAILING)
WEIGHTS = dict.fromkeys(KINDS, 2.0) | {"article": 8.0, "repeat": 6.0, "crashing": 0.1}
SERVERS = ("elasticsearch", "elasticsearch", "kafka", "mysql", "redis", "queue")
BOLTS = ("pages", "deduplicate", "parse", "tag", "index")


def run(seed: int, hours: float = 1.0, say: Callable[[str], None] = lambda _: None) -> list[str]:
    """What was wrong in the hour of that seed; nothing is as it should be. `say` is told what happens."""
    random = Random(seed)
    topology = {
        "workers": random.choice((1, 1, 2)),
        "parsers": random.choice((1, 2)),
        "indexers": random.choice((1, 1, 2)),
        "deduplicators": random.choice((1, 1, 2)),
        "spouts": random.choice((1, 1, 2)),
    }
    with World(seed, topology, parse_seconds=random.choice((0.005, 0.05, 0.5)), people=4) as world:
        watch, plan = Watch(world), Plan(world, random, say)
        for when, what in plan.moments(hours * HOUR):
            world.run(when - world.clock.now)
            what()
        return watch.wrong + finished(world, say)


def finished(world: World, say: Callable[[str], None] = lambda _: None, within: float = SETTLES) -> list[str]:
    """All servers come back, and time passes. What is wrong then."""
    for server in world.servers.values():
        server.come_back()
    world.brokers.hidden.clear()
    until = world.clock.now + within
    world.run(10.0)  # what was begun just now is done, too
    while not settled(world) and world.clock.now < until:
        world.run(10.0)
    say(f"{world.clock.now:8.1f} s  settled: {settled(world)}")
    world.run(REST)
    return list(wrong_at_the_end(world))


class Plan:
    """What happens, and when."""

    def __init__(self, world: World, random: Random, say: Callable[[str], None]) -> None:
        self.world, self.random, self._say = world, random, say
        self.web = Web(random, hosts=random.randint(1, 3), paths=random.choice((4, 12, 40)))

    def moments(self, seconds: float) -> list[tuple[float, Callable[[], None]]]:
        pages = self._often(seconds, self.random.choice((5.0, 20.0)), self.page)
        posts = self._often(seconds, 60.0, self.post)
        faults = self._often(seconds, self.random.choice((120.0, 400.0)), self.fault)
        return sorted([*pages, *posts, *faults], key=lambda one: one[0])

    def _often(self, seconds: float, every: float, what: Callable[[], None]) -> list[tuple[float, Callable[[], None]]]:
        return [(self.random.uniform(0, seconds), what) for _ in range(int(seconds / every))]

    def page(self) -> None:
        kind = self.random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        for page in self.web.happens(kind, self.world.clock.now_ms()):
            self.world.arrive(page)

    def post(self) -> None:
        one, other = self.random.sample(self.world.people, 2)
        posts = sorted(self.world.repository._posts)
        what = self.random.choice(("post", "post", "follow", "unfollow", "delete_post", "set_influencer", "read"))
        if what == "read":
            return self.world.reads(one)
        if what == "delete_post" and not posts:
            return None
        arguments: dict[str, tuple[Any, ...]] = {
            "post": (one, "text", (), "en"),
            "follow": (one, other),
            "unfollow": (one, other),
            "set_influencer": (one, self.random.random() < 0.5),
        }
        return self.world.does(what, *(arguments[what] if what in arguments else (self.random.choice(posts),)))

    def fault(self) -> None:
        getattr(self, self.random.choice(FAULTS))()

    # The faults

    def outage(self) -> None:
        name, condition = self.random.choice(SERVERS), self.random.choice(AWAY)
        seconds = self.random.choice((5.0, 40.0, 130.0, 300.0, 700.0))
        delay, share = self.random.choice((1.0, 8.0, 40.0)), self.random.choice((0.2, 0.6))
        self.say(f"{name} is {condition.value} for {seconds:g} s")
        self.world.outage(name, condition, seconds, delay=delay, share=share)

    def lost_answers(self) -> None:
        name, count = self.random.choice(SERVERS), self.random.randint(1, 3)
        self.say(f"{count} answers of {name} are lost")
        self.world.servers[name].lose_answers(count)

    def crash(self) -> None:
        component, host = self.random.choice(BOLTS), self.random.choice((None, None, None, "host-1", "host-2"))
        if self.world.crash(component, self.random.randint(0, 3), host):
            self.say(f"{component} was killed{f', and comes back on {host}' if host else ''}")

    def redeploy(self) -> None:
        wanted = {
            "workers": self.random.choice((1, 2)),
            "indexers": self.random.choice((1, 2)),
            "parsers": self.random.choice((1, 2)),
        }
        host = self.random.choice(("host-1", "host-2"))
        if self.world.redeploy(host, **wanted):
            self.say(f"deployed again with {wanted} on {host}")

    def lose_files(self) -> None:
        if self.world.redeploy(f"host-{self.random.randint(3, 99)}"):
            self.say("deployed again on a new host")

    def kill_celery(self) -> None:
        self.world.celery.crash()

    def lose_queue(self) -> None:
        self.say("the queue was lost")
        self.world.celery.lose_queue()

    def replay(self) -> None:
        self.say("the dead letters are replayed")
        self.world.replay_dead_letters()

    def hide_topic(self) -> None:
        if topics := self.world.brokers.topics():
            topic, seconds = self.random.choice(topics), self.random.choice((1.0, 4.0, 60.0))
            self.say(f"{topic} is missing in the metadata for {seconds:g} s")
            self.world.brokers.hidden.add(topic)
            self.world.clock.later(seconds, lambda: self.world.brokers.hidden.discard(topic))

    def delete_topic(self) -> None:
        if topics := self.world.brokers.topics():
            topic = self.random.choice(topics)
            self.say(f"{topic} is deleted")
            self.world.brokers.delete_topic(topic)

    def say(self, what: str) -> None:
        self._say(f"{self.world.clock.now:8.1f} s  {what}")


FAULTS = (
    *("outage",) * 6,
    *("crash",) * 4,
    *("lost_answers", "redeploy", "hide_topic") * 2,
    *("lose_files", "kill_celery", "lose_queue", "replay", "delete_topic"),
)

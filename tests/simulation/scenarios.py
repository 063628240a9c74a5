"""What was once found by hand: each a short story that the simulation plays, and judges as it judges any other."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager
from random import Random

from riverline.testing.outages import Condition
from tests.simulation.checks import Watch, all_records
from tests.simulation.faults import finished
from tests.simulation.web import Web
from tests.simulation.world import World

DAY = 86_400.0
SETTLES = 1_200.0  # seconds


def play(scenario: Callable[[], AbstractContextManager[Run]]) -> list[str]:
    """What was wrong."""
    with scenario() as run:
        return run.watch.wrong + finished(run.world, within=SETTLES) + run.also()


class Run:
    """A world with its web and its watch; `also` is what the scenario itself has to say at its end."""

    def __init__(self, world: World) -> None:
        self.world, self.watch, self.web = world, Watch(world), Web(Random(1))
        self.also: Callable[[], list[str]] = list

    def happens(self, kind: str) -> None:
        for page in self.web.happens(kind, self.world.clock.now_ms()):
            self.world.arrive(page)

    def stands(self, url: str, body: bytes, status: int = 200) -> None:
        """What the crawler finds under an address."""
        self.world.arrive(self.web.page(url, body, self.world.clock.now_ms(), status=status))


def _scenario(play: Callable[[Run], None], **wanted: object) -> Callable[[], AbstractContextManager[Run]]:
    @contextmanager
    def scenario():  # type: ignore[no-untyped-def]
        with World(1, **wanted) as world:  # type: ignore[arg-type]
            run = Run(world)
            play(run)
            yield run

    return scenario


def _index_away(run: Run) -> None:
    """The index refuses for longer than the message timeout while pages come that nobody has seen."""
    run.web = Web(Random(1), hosts=2, paths=200)
    run.world.run(5)
    run.world.outage("elasticsearch", Condition.REFUSED, 400)
    for _ in range(100):
        run.happens("article")
        run.world.run(2)


def _dead_letters_during_an_outage(run: Run) -> None:
    """A page that cannot be parsed ends while the index is away for ten minutes, and is replayed twice afterwards."""
    run.world.outage("elasticsearch", Condition.REFUSED, 600)
    run.happens("broken")
    run.world.run(700)
    run.also = lambda: _more_letters_than(run, 1)


def _more_letters_than(run: Run, most: int) -> list[str]:
    count = len(run.world.brokers.records.get("dead-letter", []))
    return [f"{count} dead letters of {most}"] if count > most else []


def _text_moves(run: Run) -> None:
    """An article is gone, and minutes later the same text is met under another address."""
    old, new = run.web.urls[0], run.web.urls[-1]
    run.stands(old, b"one and the same text that is long enough")
    run.world.run(60)
    run.stands(old, b"", status=404)
    run.world.run(300)
    run.stands(new, b"one and the same text that is long enough")
    run.world.run(60)


def _day_without_redis(run: Run) -> None:
    """Somebody posts while Redis is away for more than a day; then it comes back, and somebody else posts."""
    one, other = run.world.people
    run.world.outage("redis", Condition.REFUSED, 1.2 * DAY)
    run.world.does("post", one, "text", (), "en")
    run.world.run(1.2 * DAY + 60)
    run.world.does("follow", other, one)
    run.world.celery.lose_queue()
    run.world.run(600)


def _slow_pages(run: Run) -> None:
    """One parser takes a second a page, and many pages wait."""
    run.web = Web(Random(1), hosts=2, paths=200)
    for _ in range(PAGES):
        run.happens("article")
    run.world.run(1.2 * PAGES)
    done = len(run.world.index.all_fates)
    twice = sum(run.world.parsed.values()) - len(run.world.parsed)
    count = len(list(all_records(run.world)))
    run.also = lambda: [
        *([f"{done} of {count} pages were done in 1.2 times the time of their work"] if done < count else []),
        *([f"{twice} were parsed again"] if twice else []),
    ]


PAGES = 300


def _task_ids_shift(run: Run) -> None:
    """The topology is deployed with two workers, and then with one: the ackers' number shifts the ids of all tasks."""
    first, second, copy = run.web.urls[:3]
    run.stands(first, b"the first text, which is long enough")
    run.world.run(30)
    run.world.redeploy(workers=2)
    run.world.run(60)
    run.stands(second, b"the second text, which is long enough")
    run.world.run(30)
    run.world.redeploy(workers=1)
    run.world.run(60)
    run.stands(copy, b"the second text, which is long enough")
    run.world.run(60)


def _filling_interrupted(run: Run) -> None:
    """A new host's filter is being filled when the index goes away, and again."""
    for number, url in enumerate(run.web.urls[:4]):
        run.stands(url, b"text number %d, which is long enough" % number)
    run.world.run(60)
    run.world.redeploy("host-2")
    run.world.run(0.01)
    run.world.outage("elasticsearch", Condition.REFUSED, 40)
    run.world.run(120)
    run.stands(run.web.urls[5], b"text number 3, which is long enough")
    run.world.run(60)


def _topic_vanishes(run: Run) -> None:
    """A topic is missing in the metadata for a moment while its records wait in the spout, and what was in flight is
    lost with a worker."""
    run.web = Web(Random(1), hosts=1, paths=200)
    for _ in range(150):
        run.happens("article")
    run.world.run(8)
    [topic] = run.world.brokers.topics()
    run.world.brokers.hidden.add(topic)
    run.world.run(4)
    run.world.brokers.hidden.discard(topic)
    run.world.run(4)
    run.world.parse_seconds = 0.01
    run.world.crash("parse")
    run.world.run(200)


def _topic_made_anew(run: Run) -> None:
    """A topic is deleted, and before anybody looks there is one of that name again, with other pages."""
    run.web = Web(Random(1), hosts=1, paths=200)
    for _ in range(20):
        run.happens("article")
    run.world.run(30)
    [topic] = run.world.brokers.topics()
    run.world.brokers.delete_topic(topic)
    for number in range(5):
        run.stands(f"http://site0.example/new-{number}", b"a text of the new topic, number %d" % number)
    run.world.run(60)
    held = run.world.index.documents
    missing = [number for number in range(5) if f"http://site0.example/new-{number}" not in held]
    run.also = lambda: [f"pages {missing} of the new topic are not in the index"] if missing else []


def _two_pages_that_crash(run: Run) -> None:
    """Two pages take the parser's process down in turn, again and again."""
    for number, body in enumerate((b"CRASH one", b"CRASH two", b"a text that is long enough for a page")):
        run.stands(run.web.urls[number], body)
    run.world.run(600)


def _good_pages_beside_others_that_crash(run: Run) -> None:
    """Pages take seconds to parse, and beside good ones there is again and again one that takes the worker down."""
    for number, url in enumerate(run.web.urls):
        run.stands(url, b"CRASH %d" % number if number % 2 else b"text number %d, which is long enough" % number)
    run.world.run(1800)


def _page_hidden(run: Run) -> None:
    """A page that was indexed asks not to be."""
    run.web.urls = run.web.urls[:1]
    run.happens("article")
    run.world.run(30)
    run.happens("hidden")
    run.world.run(30)


def _gone_before_it_came(run: Run) -> None:
    """A page is gone before its record is through, and the index has forgotten the deletion when that is sent again."""
    url = run.web.urls[0]
    run.stands(url, b"a text that is long enough for a page")
    while not run.world.parsed:
        run.world.run(0.1)
    run.world.crash("parse")
    run.world.run(30)
    run.stands(url, b"", status=404)
    while not run.world.index.all_fates:
        run.world.run(1)
    run.world.index.restart()
    run.world.run(200)


def _letter_of_a_topic_made_anew(run: Run) -> None:
    """A page dies, its topic is made anew, another record takes its place there, and the page comes well."""
    page, other = (f"http://site0.example/{name}" for name in ("page", "other"))
    run.stands(other, b"a text that is there first")
    run.stands(page, b"%PDF-1.7 which is none")
    run.world.run(30)
    [topic] = [name for name in run.world.brokers.topics() if name.startswith("crawl.")]
    run.world.brokers.delete_topic(topic)
    run.world.run(30)
    run.stands(page, b"a text that is long enough for a page")
    run.stands(other, b"another text that is long enough")
    run.world.run(60)


SCENARIOS = {
    "index away": _scenario(_index_away),
    "dead letters during an outage": _scenario(_dead_letters_during_an_outage),
    "a text moves": _scenario(_text_moves),
    "a day without Redis": _scenario(_day_without_redis, people=2, sweep=100.0, crawling=False),
    "slow pages": _scenario(_slow_pages, parse_seconds=1.0, topology={"parsers": 1, "parsers_most": 1}),
    "task ids shift": _scenario(_task_ids_shift),
    "filling interrupted": _scenario(_filling_interrupted),
    "a topic vanishes": _scenario(_topic_vanishes, parse_seconds=40.0, topology={"pending": 2, "workers": 2}),
    "two pages that crash": _scenario(_two_pages_that_crash, topology={"parsers": 1, "parsers_most": 1}),
    "good pages beside others that crash": _scenario(
        _good_pages_beside_others_that_crash, parse_seconds=4.0, topology={"parsers": 4, "parsers_most": 4}
    ),
    "a page is hidden": _scenario(_page_hidden),
    "a topic made anew": _scenario(_topic_made_anew),
    "a letter of a topic made anew": _scenario(_letter_of_a_topic_made_anew),
    "gone before it came": _scenario(_gone_before_it_came, parse_seconds=4.0, topology={"workers": 2}),
}

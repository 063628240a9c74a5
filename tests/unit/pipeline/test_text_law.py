"""No text is indexed twice, and none that a page says is missing, whatever comes in whatever order and breaks."""

from dataclasses import replace

from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from riverline.errors import Transient
from riverline.model import Document, Fate, Page
from riverline.parsing.fingerprint import text_digest
from riverline.pipeline.indexing import BulkLimits, Indexer
from riverline.pipeline.records import page_of
from riverline.testing.memory import MemoryIndex
from riverline.testing.memory_log import MemoryLog
from riverline.testing.outages import Condition, Server, reached_through

TOPIC, TEXTS = "crawl.a", ("T", "U", "W")
PAGES = tuple(f"http://a.example/{n}" for n in range(3))


class World:
    """The end of the topology: two tasks among which texts are dealt out, over one index and one log."""

    def __init__(self) -> None:
        self.index, self.log, self.now = MemoryIndex(), MemoryLog(clock=self.clock), 1000
        self.server = Server("elasticsearch")
        self.tasks = [self.task(), self.task()]
        self.pending: list[int] = []
        self.held: list[dict[str, int]] = [{}, {}]
        self.read = 0

    def clock(self) -> int:
        self.now += 1
        return self.now

    def task(self) -> Indexer:
        return Indexer(reached_through(self.server, self.index), self.log, BulkLimits(), lambda: 0.0, self.clock)

    def fetch(self, page: str, text: str) -> None:
        """A record of a page; without a text, of one that is gone."""
        status = 200 if text else 404
        self.log.append(TOPIC, Page(page, page, text.encode(), status=status, fetched_at=self.clock()))

    def take(self, choice: int) -> None:
        """Any record that has not been taken goes to its task."""
        records = self.log.records.get(TOPIC, [])
        self.pending += range(self.read, len(records))
        self.read = len(records)
        if not self.pending:
            return
        offset = self.pending.pop(choice % len(self.pending))
        record = records[offset]
        page = page_of(record)
        fate = Fate(f"{TOPIC}-0-{offset}", "indexed", page.key, at=record.timestamp)
        if page.status == 404:
            number = choice % 2
            fate, document = replace(fate, outcome="filtered", reason="gone", fetched_at=page.fetched_at), None
        else:
            document, number = made(page, fate.origin), TEXTS.index(page.body.decode()) % 2
        self.tasks[number].add(str(offset), fate, document)
        self.held[number][str(offset)] = offset

    def flush(self, number: int) -> None:
        try:
            done = self.tasks[number].flush()
        except Transient:
            return
        for handle in done:
            self.held[number].pop(handle)

    def crash(self, number: int) -> None:
        self.pending += self.held[number].values()
        self.held[number], self.tasks[number] = {}, self.task()

    def finish(self) -> None:
        """Servers are back, and all that came is done."""
        self.server.come_back()
        for _ in range(200):
            self.take(0)
            for number in (0, 1):
                self.flush(number)
            if not self.pending and not any(self.held) and self.read == len(self.log.records.get(TOPIC, [])):
                return
        raise AssertionError("it comes to no end")


def made(page: Page, origin: str) -> Document:
    text = page.body.decode()
    return Document(
        page.key, "a.example", "t", "", text, "article", page.fetched_at, text_digest=text_digest(text), origin=origin
    )


ACTS = st.one_of(
    st.tuples(st.just("fetch"), st.sampled_from(PAGES), st.sampled_from((*TEXTS, ""))),
    st.tuples(st.just("take"), st.integers(0, 5)),
    st.tuples(st.just("take"), st.integers(0, 5)),
    st.tuples(st.just("flush"), st.integers(0, 1)),
    st.tuples(st.just("crash"), st.integers(0, 1)),
    st.just(("refresh",)),
    st.just(("away",)),
    st.just(("back",)),
    st.tuples(st.just("lose"), st.integers(1, 4)),
)


def play(world: World, acts) -> None:
    for name, *values in acts:
        match name:
            case "refresh":
                world.index.refresh()
            case "away":
                world.server.leave(Condition.REFUSED)
            case "back":
                world.server.come_back()
            case "lose":
                world.server.lose_answers(values[0])
            case _:
                getattr(world, name)(*values)


def newest(world: World) -> dict[str, str]:
    """What each page said last, or nothing where it is gone."""
    pages = sorted(map(page_of, world.log.records.get(TOPIC, [])), key=lambda page: page.fetched_at)
    return {page.key: page.body.decode() for page in pages}


@examples(max_examples=300)
@given(st.lists(ACTS, max_size=40))
def test_each_text_that_a_page_says_last_is_held_once_and_no_other_is(acts):
    world = World()
    play(world, acts)
    world.finish()
    world.index.refresh()
    held = {one.document.url: one.document.body for one in world.index._visible}
    said = newest(world)
    assert sorted(held.values()) == sorted({text for text in said.values() if text})
    assert all(said[url] == text for url, text in held.items())

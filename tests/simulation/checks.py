"""What must hold: some of it at every moment, the rest once all servers are back and time has passed.

A check gives sentences, one for each thing that is wrong; none is good.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from riverline.adapters.elasticsearch.post_documents import url
from riverline.feed.body import fields
from riverline.model import Document, Fate, Origin, Page
from riverline.parsing.fingerprint import page_digest
from riverline.pipeline.contracts import LetterQuery, LetterState
from riverline.pipeline.dead_letters import REVIEW_MS, DeadLetterQueue
from riverline.pipeline.records import failure_of, page_of
from riverline.testing.memory_log import MemoryRecord
from tests.simulation.web import outcome
from tests.simulation.world import World

EXEMPT = ("feed", "list", "post")
SERVERS_SAKE = ("unavailable", "attempts", "fault")


class Watch:
    """Looks on while the world runs. `wrong` holds what it saw."""

    def __init__(self, world: World) -> None:
        self.world, self.wrong = world, list[str]()
        world.brokers.on_commit.append(self._committed)
        world.index.on_fate.append(self._fated)

    def _committed(self, topic: str, partition: int, offset: int) -> None:
        """Commits never pass what is not done."""
        fates, records = self.world.index.all_fates, self.world.brokers.records[topic]
        for record in records[:offset]:
            if f"{topic}-{partition}-{record.offset}" not in fates:
                self._say(f"{topic} was committed at {offset}, and {record.offset} has no fate")
                return

    def _fated(self, fate: Fate) -> None:
        if fate.outcome == "dead" and fate.reason in SERVERS_SAKE:
            self._say(f"{fate.origin} {fate.url} ended as {fate.name}: {fate.error}")

    def _say(self, what: str) -> None:
        self.wrong.append(f"at {self.world.clock.now:.1f} s: {what}")


def all_records(world: World) -> Iterator[MemoryRecord]:
    for topic in world.brokers.topics():
        yield from world.brokers.records[topic]


def settled(world: World) -> bool:
    """Whether everything is done: each record has a fate and is committed, each job of the outbox is done."""
    fates, brokers = world.index.all_fates, world.brokers
    done = all(str(Origin(r.topic, r.partition, r.offset)) in fates for r in all_records(world))
    committed = brokers.committed(brokers.topics())
    read = all(committed.get(place, 0) == end for place, (_, end) in brokers.ends(brokers.topics()).items())
    return done and read and not world.repository.outbox


def wrong_at_the_end(world: World) -> Iterator[str]:
    yield from wrong_fates(world)
    yield from wrong_commits(world)
    yield from wrong_documents(world)
    yield from doubled_texts(world)
    yield from wrong_dead_letters(world)
    yield from wrong_letters(world)
    yield from wrong_posts(world)
    yield from wrong_timelines(world)
    yield from (f"a process ended by an exception: {fault}" for fault in world.storm.faults)
    yield from (f"a task ended by an exception: {fault}" for fault in world.celery.faults[:5])


def wrong_fates(world: World) -> Iterator[str]:
    """Every record has exactly one fate, and it is one that it can have."""
    fates = world.index.all_fates
    known = set()
    for record in all_records(world):
        origin = str(Origin(record.topic, record.partition, record.offset))
        known.add(origin)
        page = page_of(record)
        if origin not in fates:
            yield f"{origin} {page.key} has no fate"
        elif fates[origin].fetched_at != page.fetched_at:
            yield f"the fate of {origin} says that its page was fetched at {fates[origin].fetched_at}"
        elif record.topic not in world.brokers.buried and (fault := _unlikely(fates[origin], page)):
            yield f"{origin} {page.key} ended as {fault}"
    known |= {f"{one.topic}-0-{one.offset}" for logs in world.brokers.buried.values() for log in logs for one in log}
    yield from (f"{origin} has a fate and is no record" for origin in sorted(set(fates) - known))


def _unlikely(fate: Fate, page: Page) -> str:
    """The fate's name, where the page cannot have it."""
    wanted = outcome(page)
    if isinstance(wanted, str):
        return "" if fate.name == wanted else f"{fate.name} in the place of {wanted}: {fate.error}"
    return "" if fate.name in ("indexed", "duplicate:unchanged", "duplicate:text") else f"{fate.name}: {fate.error}"


def wrong_commits(world: World) -> Iterator[str]:
    brokers = world.brokers
    committed = brokers.committed(brokers.topics())
    for place, (_, end) in brokers.ends(brokers.topics()).items():
        if committed.get(place, 0) != end:
            yield f"{place[0]} is committed at {committed.get(place, 0)} of {end}"


def wrong_documents(world: World) -> Iterator[str]:
    """Every page is in the index in its newest form: under its own address, or its text under another living one's."""
    newest = newest_pages(world)
    documents = world.index.documents
    texts = defaultdict(set)
    for address, document in documents.items():
        texts[document.text_digest].add(address)
    for address, page in newest.items():
        wanted, held = outcome(page), documents.get(address)
        if isinstance(wanted, Document):
            if held and held.page_digest != page_digest(page.key, page.body):
                yield f"{address} is in the index in an older form"
            if not held and not texts[wanted.text_digest]:
                yield f"{address} is in the index under no address"
        elif held and wanted in ("filtered:gone", "filtered:noindex"):
            yield f"{address} is {wanted} and still in the index"


def newest_pages(world: World) -> dict[str, Page]:
    """Of each address whose topic was never deleted, the newest that was fetched and says something about it."""
    newest: dict[str, Page] = {}
    for record in all_records(world):
        page = page_of(record)
        telling = isinstance(outcome(page), Document) or outcome(page) in ("filtered:gone", "filtered:noindex")
        known = newest.get(page.key)
        if telling and record.topic not in world.brokers.buried and (not known or page.fetched_at >= known.fetched_at):
            newest[page.key] = page
    return newest


def doubled_texts(world: World) -> Iterator[str]:
    texts = defaultdict(list)
    for address, document in world.index.documents.items():
        if document.text_digest and document.content_type not in EXEMPT:
            texts[document.text_digest].append(address)
    for addresses in texts.values():
        if len(addresses) > 1:
            yield f"one text is in the index under {', '.join(sorted(addresses))}"


def wrong_dead_letters(world: World) -> Iterator[str]:
    """Each dead record is there once; once more for each time that nobody could know whether it was there."""
    letters = world.brokers.records.get("dead-letter", [])
    copies = Counter(str(failure_of(record).origin) for record in letters)
    unsure = world.servers["kafka"].ambiguous + world.storm.told["crashes"] + world.storm.told["deployments"]
    for record in all_records(world):
        origin = str(Origin(record.topic, record.partition, record.offset))
        fate = world.index.all_fates.get(origin)
        dead = fate is not None and fate.outcome == "dead"
        if dead and not copies[origin]:
            yield f"{origin} is {fate.name if fate else ''} and no dead letter"
        if copies[origin] > 1 + unsure:
            yield f"{origin} is there as {copies[origin]} dead letters"


def wrong_letters(world: World) -> Iterator[str]:
    """A letter for each page that failed: it is settled where what was fetched last of the page did not die, and waits
    where all has died since. Where some was processed and the last has died, that has a letter of its own."""
    topic, later = world.settings().kafka.dead_letter, world.clock.now_ms() + 2 * REVIEW_MS
    world.index.refresh()
    DeadLetterQueue(world.brokers, world.index, world.catalogue, topic, lambda: later).catch_up()
    fates = sorted(world.index.all_fates.values(), key=lambda fate: (fate.fetched_at, fate.at))
    for letter in world.catalogue.page(LetterQuery(limit=10_000)):
        failed = page_of(world.brokers.records[topic][letter.offset])
        since = [one.outcome for one in fates if one.url == letter.url and one.fetched_at >= failed.fetched_at]
        if letter.state is LetterState.SENT and Origin.parse(letter.root).topic in world.brokers.buried:
            continue  # who deletes a topic deletes what was sent again to it, too
        processed = since and since[-1] != "dead"
        wanted = LetterState.SETTLED if processed else LetterState.WAITING
        if letter.state is not wanted and (processed or set(since) == {"dead"}):
            yield f"the letter of {letter.root} is {letter.state.value}, and its page {since[-1]}"


def wrong_posts(world: World) -> Iterator[str]:
    """All jobs are done, and what can be searched for is what was posted."""
    yield from (f"the outbox still holds {job}" for job in list(world.repository.outbox.values())[:3])
    wanted = {url(post_id, world.site) for post_id in world.repository._posts}
    held = {address for address, document in world.index.documents.items() if document.source == "post"}
    yield from (f"{one} was posted and cannot be found" for one in sorted(wanted - held))
    yield from (f"{one} was deleted and can be found" for one in sorted(held - wanted))


def wrong_timelines(world: World) -> Iterator[str]:
    for user in world.repository.users(0, 1000):
        wanted = [post.id for post in world.repository.page(user, 0, 1000)]
        read: list[int] = []
        before = 0
        while True:
            page = world.feed.reader.read(user, 5, before)
            read += [entry.id for entry in page.entries if fields(entry.body)]
            if page.next is None:
                break
            before = page.next
        if read != wanted:
            yield f"the timeline of user {user} is {read} in the place of {wanted}"

"""The simulation sees what it was made for: with a mend taken out, its story is told as it was before."""

from typing import Any

import pytest

import riverline.adapters.mysql.outbox
import riverline.pipeline.crash_guard
import riverline.pipeline.dead_letter_copies
import riverline.pipeline.dead_letters
import riverline.pipeline.indexing
import riverline.pipeline.text_holders
from bolts.base import ContentBolt
from bolts.index import IndexBolt
from riverline.errors import Invalid, Transient
from riverline.newest import Newest
from riverline.pipeline.deduplicate import Deduplicator
from riverline.pipeline.indexing import Indexer, record_of
from riverline.pipeline.offset_tracker import OffsetTracker
from riverline.pipeline.send_window import SendWindow
from riverline.pipeline.text_holders import TextHolders
from riverline.pipeline.text_succession import TextSuccession
from spouts.poller import Poller
from tests.simulation.scenarios import SCENARIOS, play


def outages_are_verdicts(take: Any) -> None:
    """A look-up that fails counts as an attempt of the page, and its verdict takes the place of a document."""

    def ended(bolt: ContentBolt, delivery: Any, tup: Any) -> bool:
        try:
            bolt.step(delivery, tup)
        except Invalid as error:
            bolt.end(delivery, "dead", error.reason, str(error))
        except Transient as error:
            if delivery.attempt < bolt.settings.topology.max_attempts:
                return False
            bolt.end(delivery, "dead", "unavailable", str(error))
        return True

    def unchanged(one: Deduplicator, url: str, page_digest: str, origin: str) -> bool:
        if (key := bytes.fromhex(page_digest)) not in one.seen:
            one.seen.add(key)
            return False
        stored = one.index.stored([url]).get(url)
        return stored is not None and stored.page_digest == page_digest and stored.origin != origin

    add = Indexer.add

    def replaced(indexer: Indexer, handle: str, fate: Any, document: Any = None) -> None:
        if (before := indexer._items.get(record_of(fate))) and not document:
            before.document = None
        add(indexer, handle, fate, document)

    take.setattr(ContentBolt, "ended", ended)
    take.setattr(Deduplicator, "unchanged", unchanged)
    take.setattr(Deduplicator, "settled", lambda *_: False)
    take.setattr(Indexer, "add", replaced)
    unlimited(take)


def unlimited(take: Any) -> None:
    """The spout sends as much as it may, and whatever is old is worked on."""
    take.setattr(SendWindow, "limit", lambda window, now: window.most)
    take.setattr(ContentBolt, "is_stale", lambda *_: False)


class Forgetful(Newest[Any, Any]):
    """Remembers nothing."""

    def put(self, *_: Any) -> None: ...


def copies_are_forgotten(take: Any) -> None:
    take.setattr(riverline.pipeline.dead_letter_copies, "Newest", Forgetful)


def holders_are_believed(take: Any) -> None:
    """Who wrote a text once holds it for ever."""
    take.setattr(riverline.pipeline.text_holders, "_holds", lambda *_: True)
    take.setattr(TextSuccession, "leave", lambda *_: None)
    take.setattr(TextSuccession, "settle", lambda *_: None)


def pauses_double_for_ever(take: Any) -> None:
    take.setattr(riverline.adapters.mysql.outbox, "MOST_DOUBLINGS", 100_000)


def copies_are_worked_on(take: Any) -> None:
    unlimited(take)
    take.setattr(Deduplicator, "settled", lambda *_: False)


def filters_are_named_after_tasks(take: Any) -> None:
    """What a task has not seen itself, by its number, is new."""
    files: dict[Any, set[str]] = {}
    initialize, candidates, wrote = IndexBolt.initialize, TextHolders._candidates, TextHolders.wrote

    def opened(bolt: IndexBolt, conf: Any, context: Any) -> None:
        initialize(bolt, conf, context)
        bolt.indexer.holders.file = files.setdefault((conf["simulated"].home, context["taskid"]), set())

    def seen(holders: Any, texts: Any) -> Any:
        if not holders.file:  # a new one is filled
            holders.file |= {one.text_digest for one in holders._index.documents.values()}
        return {text: urls if text in holders.file else [] for text, urls in candidates(holders, texts).items()}

    def noted(holders: Any, document: Any) -> None:
        holders.file.add(document.text_digest)
        wrote(holders, document)

    take.setattr(IndexBolt, "initialize", opened)
    take.setattr(TextHolders, "_candidates", seen)
    take.setattr(TextHolders, "wrote", noted)


def what_waits_is_taken_for_the_same_topic(take: Any) -> None:
    send = OffsetTracker.send
    take.setattr(OffsetTracker, "send", lambda one, *values: send(one, *values[:5]))


def topics_have_no_ids(take: Any) -> None:
    found = Poller._found
    take.setattr(Poller, "_found", lambda poller, consumer: dict.fromkeys(found(poller, consumer), ""))


def the_last_suspect_alone_is_known(take: Any) -> None:
    take.setattr(riverline.pipeline.crash_guard, "KEPT", 1)


def hidden_pages_stay(take: Any) -> None:
    take.setattr(riverline.pipeline.indexing, "WITHDRAWN", frozenset({"gone"}))


def deletions_are_for_the_index_to_remember(take: Any) -> None:
    take.setattr(TextSuccession, "left", lambda *_: {})


def places_are_of_one_record(take: Any) -> None:
    def settled(letter: Any, latest: Any, own: Any) -> bool:
        newest, failed = latest.get(letter.url), own.get(letter.origin)
        return newest and failed and newest.outcome != "dead" and newest.at > failed.at

    take.setattr(riverline.pipeline.dead_letters, "is_settled", settled)


def all_are_accused(take: Any) -> None:
    """Whoever was worked on when a worker died, beside others or not."""
    take.setattr(riverline.pipeline.crash_guard.Room, "enter", lambda *_, **__: None)
    take.setattr(riverline.pipeline.crash_guard, "BESIDE", riverline.pipeline.crash_guard.ALONE)


MENDS = {
    "index away": outages_are_verdicts,
    "dead letters during an outage": copies_are_forgotten,
    "a text moves": holders_are_believed,
    "a day without Redis": pauses_double_for_ever,
    "slow pages": copies_are_worked_on,
    "task ids shift": filters_are_named_after_tasks,
    "a topic vanishes": what_waits_is_taken_for_the_same_topic,
    "a topic made anew": topics_have_no_ids,
    "two pages that crash": the_last_suspect_alone_is_known,
    "good pages beside others that crash": all_are_accused,
    "a page is hidden": hidden_pages_stay,
    "a letter of a topic made anew": places_are_of_one_record,
    "gone before it came": deletions_are_for_the_index_to_remember,
}


@pytest.mark.parametrize("name", MENDS)
def test_with_its_mend_taken_out_a_story_goes_wrong(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    MENDS[name](monkeypatch)
    assert play(SCENARIOS[name]) != []

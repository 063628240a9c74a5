"""The audit. For every partition: what was produced, what was committed, and what has a fate.

fetched = indexed + duplicate + filtered + dead, always: once the topology has caught up, every record that Kafka still
holds is committed and has exactly one fate.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from riverline.pipeline.contracts import PageLog
from riverline.search.contracts import FateQuery, PipelineIndex

# fates that take a document out of the index
LEAVING = (("filtered", "gone"), ("filtered", "noindex"), ("duplicate", "text"))
SLICE = 500  # fates, and the look-ups of their documents, of one request


@dataclass(frozen=True, slots=True)
class Account:
    """One partition. `first` and `end`: the offsets that Kafka holds; `fated`: how many of them have a fate."""

    topic: str
    partition: int
    first: int
    end: int
    committed: int
    fated: int

    @property
    def records(self) -> int:
        return self.end - self.first

    @property
    def lag(self) -> int:
        return max(self.end - max(self.committed, self.first), 0)

    @property
    def missing(self) -> int:
        """Records without a fate. Negative: fates without a record."""
        return self.records - self.fated

    @property
    def balanced(self) -> bool:
        return self.lag == 0 and self.missing == 0


def accounts(log: PageLog, index: PipelineIndex, topics: Sequence[str] | None = None) -> list[Account]:
    """The account of every partition of the topics (default: of all crawl topics)."""
    index.refresh()
    wanted = log.topics() if topics is None else list(topics)
    ends, committed = log.ends(wanted), log.committed(wanted)
    fated = index.fated(ends)
    return [
        Account(*place, first, end, committed.get(place, 0), fated[place])
        for place, (first, end) in sorted(ends.items())
    ]


def vanished(index: PipelineIndex) -> Iterator[str]:
    """URLs whose fate says `indexed` and which the index does not hold, though no other fate says that their page is
    gone, or says what another page says: there must be none."""
    query = FateQuery(outcome="indexed", limit=SLICE)
    while True:
        page = index.fates(query)
        fetched = {fate.of or fate.url: fate.url for fate in page.items}
        held = index.stored(list(fetched))
        yield from (url for url in fetched if url not in held and not _has_left(index, {url, fetched[url]}))
        if page.next is None:
            return
        query = FateQuery(outcome="indexed", limit=SLICE, after=page.next)


def _has_left(index: PipelineIndex, urls: Collection[str]) -> bool:
    """Whether a page was seen to be gone, or to say what another one does."""
    asked = (FateQuery(url=url, outcome=outcome, reason=reason, limit=1) for url in urls for outcome, reason in LEAVING)
    return any(index.fates(query).items for query in asked)

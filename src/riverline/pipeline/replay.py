"""Sends the records of a topic through the topology again, from an offset or a time. Dead letters: `dead_letters.py`.

A replayed page is written to its topic as a new record that names the old one (`replay_of`), so it has a fate of its
own, and it is processed though nothing has changed. Doing it twice changes nothing: the index holds one version of a
page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from riverline.errors import Invalid, NotFound
from riverline.model import Origin
from riverline.pipeline.contracts import PageLog, Raw
from riverline.pipeline.records import page_of

Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Start:
    """From where: an offset, or a time in ms since 1970, or the beginning."""

    offset: int | None = None
    time: int | None = None


@dataclass(frozen=True, slots=True)
class ReplayStep:
    """One record that was looked at. `sent` is false for one that holds no page, or when nothing is to be sent."""

    origin: Origin
    url: str
    topic: str
    sent: bool


def ranges(log: PageLog, topic: str, start: Start) -> dict[Place, tuple[int, int]]:
    """First and next offset of what a replay of the topic would read. Raises NotFound."""
    ends = log.ends([topic])
    if not ends:
        raise NotFound(f"there is no topic {topic}; `riverline topics` lists those there are")
    begin = _begin(log, topic, start)
    return {place: (max(first, begin.get(place, first)), end) for place, (first, end) in ends.items()}


def _begin(log: PageLog, topic: str, start: Start) -> Mapping[Place, int]:
    if start.time is not None:
        return log.offsets_at([topic], start.time)
    return dict.fromkeys(log.ends([topic]), start.offset) if start.offset is not None else {}


def replay(log: PageLog, spans: Mapping[Place, tuple[int, int]], dry: bool = False) -> Iterator[ReplayStep]:
    """Reads the spans and appends their pages; what was sent is acknowledged when the iterator has ended."""
    for (topic, partition), (start, stop) in spans.items():
        for record in log.raw(topic, partition, start, stop):
            yield _again(log, record, dry)
    if not dry:
        log.flush()


def _again(log: PageLog, record: Raw, dry: bool) -> ReplayStep:
    here = Origin(record.topic, record.partition, record.offset)
    try:
        page = replace(page_of(record), replay_of=str(here))
    except Invalid:
        return ReplayStep(here, (record.key or b"").decode("utf-8", "replace"), record.topic, sent=False)
    if not dry:
        log.append(record.topic, page)
    return ReplayStep(here, page.key, record.topic, sent=not dry)

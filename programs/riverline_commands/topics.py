"""`riverline topics`: each site's records in Kafka, and how many are committed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from riverline.pipeline.contracts import PageLog
from riverline.services import assemble
from riverline.settings import Settings
from riverline_commands.console import Json, out, print_json, table

Offsets = Mapping[tuple[str, int], int]


@dataclass(frozen=True)
class Topic:
    """A topic. `records` are those that retention has left, `lag` those of them that are not committed."""

    topic: str
    partitions: int
    records: int
    committed: int  # records ever committed: the sum of the partitions' offsets
    lag: int


def topics(json: Json = False) -> None:
    """Lists the topics of sites: partitions, records, commits and lag."""
    settings = Settings.load()
    log = assemble(settings).log
    found = state(log, [*log.topics(), settings.kafka.dead_letter], settings.kafka.dead_letter)
    log.close()
    if json:
        print_json([asdict(topic) for topic in found])
        return
    table(("topic", "partitions", "records", "committed", "lag"), [tuple(asdict(topic).values()) for topic in found])
    out.print(f"\n{len(found)} topics, {sum(t.records for t in found)} records, lag {sum(t.lag for t in found)}")


def state(log: PageLog, names: list[str], dead_letter: str) -> list[Topic]:
    """The topics that exist; nobody commits the dead letters, so they have no lag."""
    ends, committed = log.ends(names), log.committed(names)
    found = []
    for name in names:
        places = {place: span for place, span in ends.items() if place[0] == name}
        if not places:
            continue
        records = sum(end - first for first, end in places.values())
        done = sum(committed.get(place, 0) for place in places)
        lag = sum(max(0, end - max(first, committed.get(place, 0))) for place, (first, end) in places.items())
        found.append(Topic(name, len(places), records, done, 0 if name == dead_letter else lag))
    return found

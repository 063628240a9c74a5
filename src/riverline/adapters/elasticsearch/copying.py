"""Copies documents from one index into another, with their versions: the second may run again over the first.

Every change of an index has a number in its shard (`_seq_no`). What was changed since a point is read by that number,
so nothing that was written while an earlier copy ran is missed. A point is taken before the refresh that makes all
changes up to it visible; what came later is read again next time, which changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import orjson

from riverline.adapters.elasticsearch import bulk, comparison
from riverline.adapters.elasticsearch.comparison import ComparedDocument, IndexDifference
from riverline.adapters.elasticsearch.connection import ElasticsearchConnection
from riverline.errors import Fatal, Invalid, Transient
from riverline.model import Document
from riverline.parsing.near_duplicates import signature
from riverline.retry import retried
from riverline.search.contracts import Outcome

BATCH = 200  # documents of one bulk
DIGESTS = 64  # ranges of one request
ATTEMPTS, PAUSE, LONGEST_PAUSE = 6, 0.5, 8.0  # seconds, of what may be asked twice
BULK_ATTEMPTS, BULK_PAUSE, LONGEST_BULK_PAUSE = 8, 0.25, 16.0  # of a bulk, which a busy server takes in part

Points = Mapping[str, int]  # by shard: the number of the last change that was copied
Tell = Callable[[str, int, int], None]  # what is done, how far, of how much
Source = dict[str, Any]
T = TypeVar("T")


def patiently(ask: Callable[[], T]) -> T:
    """Asks again while the server is away or busy: a copy of hours is not given up for that. Raises Transient."""
    return retried(ask, pause=PAUSE, longest_pause=LONGEST_PAUSE, attempts=ATTEMPTS)


class Copy:
    """From `source` into `target`, two indices by name. `recompute`: derived fields are computed again."""

    def __init__(self, connection: ElasticsearchConnection, source: str, target: str, recompute: bool = False) -> None:
        self._connection, self.source, self.target, self._recompute = connection, source, target, recompute

    def points(self) -> dict[str, int]:
        """How far the source's shards are: up to there, every change is done."""
        answer = self._ask("GET", f"/{self.source}/_stats", params={"level": "shards"})
        shards = answer["indices"][self.source]["shards"]
        primary = {number: next(c for c in copies if c["routing"]["primary"]) for number, copies in shards.items()}
        return {number: copy["seq_no"]["local_checkpoint"] for number, copy in primary.items()}

    def refresh(self, index: str) -> None:
        """Makes what was written visible."""
        self._ask("POST", f"/{index}/_refresh")

    def count(self, index: str) -> int:
        """Documents that a search sees."""
        return int(self._ask("GET", f"/{index}/_count")["count"])

    def changes(self, since: Points, tell: Tell) -> tuple[dict[str, int], int]:
        """Copies what was written since those points. Returns the new points, and how many documents it were."""
        until = self.points()
        self.refresh(self.source)
        total = sum(max(0, last - since.get(shard, -1)) for shard, last in until.items())
        copied = 0
        for shard in until:
            for hits in self._changed(shard, since.get(shard, -1)):
                self._write([line for hit in hits for line in self._copied(hit)])
                copied += len(hits)
                tell("changes", min(copied, total), total)
        return until, copied

    def _changed(self, shard: str, since: int) -> Iterator[Sequence[Mapping[str, Any]]]:
        body: dict[str, Any] = {"size": BATCH, "sort": [{"_seq_no": "asc"}], "version": True, "track_total_hits": False}
        while True:
            body["query"] = {"range": {"_seq_no": {"gt": since}}}
            hits = self._search(self.source, body, {"preference": f"_shards:{shard}"})["hits"]["hits"]
            if not hits:
                return
            yield hits
            since = hits[-1]["sort"][0]

    def difference(self) -> IndexDifference:
        """How the target differs from the source, as far as searches see both."""
        ranges = comparison.prefixes(max(self.count(self.source), self.count(self.target)))
        found = IndexDifference()
        for at in range(0, len(ranges), DIGESTS):
            some = ranges[at : at + DIGESTS]
            pairs = zip(some, self._digests(self.source, some), self._digests(self.target, some), strict=True)
            for prefix, wanted, got in pairs:
                if wanted != got:
                    one = comparison.difference(self._entries(self.source, prefix), self._entries(self.target, prefix))
                    found.lacking.extend(one.lacking)
                    found.extra.update(one.extra)
        return found

    def _digests(self, index: str, some: Sequence[str]) -> list[comparison.Digest]:
        bodies = list(map(comparison.digest_body, some))
        return list(map(comparison.digest, patiently(lambda: self._connection.searches({"index": index}, bodies))))

    def _entries(self, index: str, prefix: str) -> dict[str, ComparedDocument]:
        found: dict[str, ComparedDocument] = {}
        after = ""
        while True:
            some = comparison.entries(self._search(index, comparison.entries_body(prefix, after)))
            found |= some
            if len(some) < comparison.LISTED:
                return found
            after = max(some)

    def fetch(self, names: Sequence[str]) -> None:
        """Copies the documents of these ids, as far as the source has them."""
        for at in range(0, len(names), BATCH):
            answer = self._ask("POST", f"/{self.source}/_mget", {"ids": list(names[at : at + BATCH])})
            hits = [raw for raw in answer["docs"] if raw.get("found")]
            self._write([line for hit in hits for line in self._copied(hit)])

    def remove(self, extra: Mapping[str, int]) -> None:
        """Removes documents from the target, as of their versions there."""
        actions = [
            {"_index": self.target, "_id": name, "version": version, "version_type": "external_gte"}
            for name, version in extra.items()
        ]
        for at in range(0, len(actions), BATCH):
            self._write([orjson.dumps({"delete": action}) for action in actions[at : at + BATCH]])

    def _copied(self, hit: Mapping[str, Any]) -> tuple[bytes, bytes]:
        action = {"_index": self.target, "_id": hit["_id"], "version": hit["_version"], "version_type": "external_gte"}
        source = recomputed(hit["_source"]) if self._recompute else hit["_source"]
        return orjson.dumps({"index": action}), orjson.dumps(source)

    def _write(self, lines: list[bytes]) -> None:
        """One bulk. An older version than the target's is passed over. Raises Fatal for what the target refuses."""
        if lines:
            written = partial(self._write_once, lines)
            retried(written, pause=BULK_PAUSE, longest_pause=LONGEST_BULK_PAUSE, attempts=BULK_ATTEMPTS)

    def _write_once(self, lines: list[bytes]) -> None:
        wanted = {"filter_path": "items.*.status,items.*.error"}
        answers = list(bulk.outcomes(self._connection.call_lines("/_bulk", lines, wanted)))
        if refused := next((one for one in answers if one.outcome is Outcome.INVALID), None):
            raise Fatal(f"{self.target} does not take a document of {self.source}: {refused.error}")
        if any(one.outcome is Outcome.BUSY for one in answers):
            raise Transient(f"elasticsearch stays too busy to fill {self.target}")

    def _search(self, index: str, body: Mapping[str, Any], params: Mapping[str, str] | None = None) -> Any:
        return patiently(lambda: self._connection.search(f"/{index}/_search", body, params))

    def _ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Any:
        return patiently(lambda: self._connection.call(method, path, body, params))


def recomputed(source: Mapping[str, Any]) -> Source:
    """A stored document as this version of the program would store it. Raises Invalid where it lacks a field."""
    known = {name: source[name] for name in Document.names() if name in source}
    try:
        document = Document(**{**known, "tags": tuple(known.get("tags") or ())})
    except TypeError as error:
        raise Invalid(f"a stored document cannot be read: {error}") from error
    if document.signature:  # what has none is of a kind that is never grouped
        document = replace(document, signature=signature(document.body))
    return bulk.document_source(document, int(source.get("click_count") or 0))

"""A new index of documents with the current mappings, filled while reads and writes continue, then put in place.

1. The new index is made, and the server copies the old one into it (`_reindex`).
2. What was written meanwhile is copied again and again by its change numbers; what was deleted is found by comparing.
3. Writes to the old index are blocked: it answers that it is busy, and writers wait. The last changes are copied,
   both indices are compared, and the alias moves. Writers go on in the new one. Readers notice nothing.

The old index stays, blocked, until it is dropped. After a failure it is opened again, and nothing has changed.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from riverline.adapters.elasticsearch.connection import ElasticsearchConnection
from riverline.adapters.elasticsearch.copying import Copy, Tell, patiently
from riverline.errors import Fatal, Invalid, NotFound, RiverlineError
from riverline.search import mappings
from riverline.settings import Elasticsearch as ElasticsearchSettings

FEW = 500  # changed documents of a round, after which the rest is copied while writes are blocked
ROUNDS = 10  # at most, when writers are as fast as the copy
LOOK = 0.5  # seconds between two looks at the server's copy
NO_LIMIT = -1.0
_FILLING = {"refresh_interval": "-1", "number_of_replicas": 0}


@dataclass(frozen=True, slots=True)
class Reindexed:
    """What was done. `paused`: seconds for which writers had to wait."""

    old: str
    new: str
    documents: int
    caught_up: int
    removed: int
    seconds: float
    paused: float


class Reindexing:
    """Of the documents under an alias. `rate`: documents a second that the server copies, -1 for any number."""

    def __init__(
        self,
        connection: ElasticsearchConnection,
        settings: ElasticsearchSettings,
        alias: str = mappings.DOCUMENTS,
        recompute: bool = False,
        rate: float = NO_LIMIT,
    ) -> None:
        self._connection, self._settings, self._alias = connection, settings, alias
        self._recompute, self._rate = recompute, rate

    def current(self) -> str:
        """The index that the alias stands for. Raises NotFound."""
        (name,) = self._connection.call("GET", f"/_alias/{self._alias}")
        return str(name)

    def others(self) -> list[str]:
        """Other versions: older ones, and one that an interrupted reindex left behind."""
        found = self._connection.call("GET", f"/{self._alias}-v*/_settings")
        return sorted(set(found) - {self.current()}, key=lambda name: version(name, self._alias))

    def run(self, tell: Tell) -> Reindexed:
        """All of it. Raises Invalid when another one is at work or was interrupted, Fatal when a document does not
        fit the new mappings; the alias then stands where it stood."""
        began, old = time.monotonic(), self.current()
        new = f"{self._alias}-v{version(old, self._alias) + 1}"
        self._create(new)
        copy = Copy(self._connection, old, new, self._recompute)
        try:
            points, removed, caught_up = self._fill(copy, tell)
            paused = time.monotonic()
            with self._blocked(old):
                tell("closing", 0, 1)
                _, last = copy.changes(points, tell)
                removed += self._equalise(copy)
                self._verify(copy)
                self._swap(old, new)
            paused = time.monotonic() - paused
        except BaseException:
            self._forget(new)
            raise
        return Reindexed(old, new, copy.count(new), caught_up + last, removed, time.monotonic() - began, paused)

    def _create(self, new: str) -> None:
        body = mappings.documents_index(self._settings.shards, self._settings.replicas, self._alias)
        body["settings"]["index"] |= _FILLING
        try:
            self._connection.call("PUT", f"/{new}", {**body, "aliases": {}})
        except Invalid as error:
            if error.reason == "resource_already_exists_exception":
                raise Invalid(f"{new} exists: a reindex is running, or was interrupted; --again starts over") from None
            raise

    def _fill(self, copy: Copy, tell: Tell) -> tuple[dict[str, int], int, int]:
        points: dict[str, int] = {}
        if not self._recompute:
            points = copy.points()
            copy.refresh(copy.source)
            self._copy_by_server(copy, tell)
        caught_up = 0
        for _ in range(ROUNDS):
            points, count = copy.changes(points, tell)
            caught_up += count
            if count <= FEW:
                break
        copy.refresh(copy.target)
        extra = copy.difference().extra  # the bulk of them here, the last ones while writers wait
        copy.remove(extra)
        ready = {"index": {"refresh_interval": "1s"}}
        patiently(lambda: self._connection.call("PUT", f"/{copy.target}/_settings", ready))
        return points, len(extra), caught_up

    def _copy_by_server(self, copy: Copy, tell: Tell) -> None:
        body = {
            "conflicts": "proceed",
            "source": {"index": copy.source, "size": 500},
            "dest": {"index": copy.target, "version_type": "external_gte"},
        }
        params = {"wait_for_completion": "false", "slices": "auto", "requests_per_second": f"{self._rate:g}"}
        task = self._connection.call("POST", "/_reindex", body, params)["task"]
        try:
            while not (state := patiently(lambda: self._connection.call("GET", f"/_tasks/{task}")))["completed"]:
                status = state["task"]["status"]
                tell("copying", _done(status), status["total"])
                time.sleep(LOOK)
        except BaseException:
            self._connection.call("POST", f"/_tasks/{task}/_cancel")
            raise
        if wrong := state.get("error") or state.get("response", {}).get("failures"):
            raise Fatal(f"{copy.target} cannot be filled: {str(wrong)[:500]}")

    @contextlib.contextmanager
    def _blocked(self, index: str) -> Iterator[None]:
        """No write reaches the index, and all that were on their way are done; it stays so unless something fails."""
        patiently(lambda: self._connection.call("PUT", f"/{index}/_block/write"))
        try:
            yield
        except BaseException:
            self._open(index)
            raise

    def _open(self, index: str) -> None:
        body = {"index": {"blocks": {"write": None}}}
        patiently(lambda: self._connection.call("PUT", f"/{index}/_settings", body))

    def _equalise(self, copy: Copy) -> int:
        copy.refresh(copy.target)
        found = copy.difference()
        copy.fetch(found.lacking)
        copy.remove(found.extra)
        copy.refresh(copy.target)
        return len(found.extra)

    def _verify(self, copy: Copy) -> None:
        if found := copy.difference():
            raise Fatal(
                f"{copy.target} is not the same as {copy.source}: {len(found.lacking)} documents differ, "
                f"{len(found.extra)} are too many"
            )

    def _swap(self, old: str, new: str) -> None:
        copies = {"index": {"number_of_replicas": self._settings.replicas}}
        patiently(lambda: self._connection.call("PUT", f"/{new}/_settings", copies))
        self._connection.call("GET", f"/_cluster/health/{new}", params={"wait_for_status": "yellow", "timeout": "10s"})
        actions: list[Mapping[str, Any]] = [
            {"remove": {"index": old, "alias": self._alias}},
            {"add": {"index": new, "alias": self._alias, "is_write_index": True}},
        ]
        try:
            self._connection.call("POST", "/_aliases", {"actions": actions})
        except RiverlineError:
            if patiently(self.current) != new:  # no answer came, but it may have been done
                raise

    def _forget(self, new: str) -> None:
        with contextlib.suppress(RiverlineError):  # the error that led here says more; --again removes it
            if patiently(self.current) != new:
                self._connection.call("DELETE", f"/{new}", params={"ignore_unavailable": "true"})

    def recover(self) -> list[str]:
        """After an interrupted run: opens the index for writes, and drops what was being filled. Returns its names."""
        current = self.current()
        self._open(current)
        self._cancel(current)
        return self._drop(
            [name for name in self.others() if version(name, self._alias) > version(current, self._alias)]
        )

    def _cancel(self, source: str) -> None:
        """Ends copies that the server goes on with though nobody waits for them."""
        answer = self._connection.call("GET", "/_tasks", params={"actions": "*reindex", "detailed": "true"})
        for node in answer.get("nodes", {}).values():
            for name, task in node["tasks"].items():
                if f"[{source}]" in task.get("description", ""):
                    params = {"wait_for_completion": "true"}
                    self._connection.call("POST", f"/_tasks/{name}/_cancel", params=params)

    def drop_old(self) -> list[str]:
        """Removes versions older than the one in use. Returns their names."""
        current = version(self.current(), self._alias)
        return self._drop([name for name in self.others() if version(name, self._alias) < current])

    def _drop(self, names: list[str]) -> list[str]:
        for name in names:
            self._connection.call("DELETE", f"/{name}", params={"ignore_unavailable": "true"})
        return names


def version(index: str, alias: str) -> int:
    """The number in an index's name. Raises NotFound for a name of another form."""
    match = re.fullmatch(re.escape(alias) + r"-v([0-9]+)", index)
    if not match:
        raise NotFound(f"{alias} points to {index}, whose name is not of the form {alias}-v1")
    return int(match[1])


def _done(status: Mapping[str, Any]) -> int:
    return int(status["created"] + status["updated"] + status["version_conflicts"])

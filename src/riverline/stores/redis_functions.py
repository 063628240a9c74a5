"""Redis Functions: a library of Lua, called on keys of a cluster and loaded wherever it is missing."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

from riverline.stores.redis_cluster import RedisCluster, Result
from riverline.stores.redis_wire import Command, ReplyError

FOLDER = Path(__file__).parent / "functions"


class Library:
    """One library. Its functions carry a digest of its text in their names, so that programs of different versions can
    work beside each other."""

    def __init__(self, cluster: RedisCluster, name: str) -> None:
        text = (FOLDER / f"{name}.lua").read_text()
        self.version = blake2b(text.encode(), digest_size=4).hexdigest()
        self._cluster, self._code = cluster, text.replace("_VERSION", f"_{self.version}")

    def call(self, function: str, key: str, *arguments: str | int | bytes) -> tuple[str, Command]:
        """One call, to be given to `results`."""
        return key, ("FCALL", f"riverline_{function}_{self.version}", 1, key, *arguments)

    def results(self, commands: Sequence[tuple[str, Command]]) -> list[Result]:
        """As of the cluster; nodes that lack the library get it first."""
        results = self._cluster.results(commands)
        missing = [place for place, result in enumerate(results) if _is_missing(result)]
        if missing:
            for node in {self._cluster.node_of(commands[place][0]) for place in missing}:
                node.ask(("FUNCTION", "LOAD", "REPLACE", self._code))
            for place, result in zip(missing, self._cluster.results([commands[p] for p in missing]), strict=True):
                results[place] = result
        return results


def _is_missing(result: Result) -> bool:
    return isinstance(result, ReplyError) and str(result).startswith("ERR Function not found")

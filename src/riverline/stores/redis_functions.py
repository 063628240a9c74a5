"""Redis Functions: a library of Lua, called on keys of a cluster and loaded wherever it is missing."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import cast

from riverline.errors import Transient
from riverline.stores.redis_cluster import RedisCluster, Result
from riverline.stores.redis_wire import Command, Node, ReplyError

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
        if not any(isinstance(result, ReplyError) for result in results):
            return results
        missing = [place for place, result in enumerate(results) if _is_missing(result)]
        if missing:
            for node in {self._cluster.node_of(commands[place][0]) for place in missing}:
                node.ask(("FUNCTION", "LOAD", "REPLACE", self._code))
            for place, result in zip(missing, self._cluster.results([commands[p] for p in missing]), strict=True):
                results[place] = result
        return results

    def everywhere(self, function: str) -> list[Result]:
        """The reply of each node that owns slots now to a function of no key; an error in the place of a failure."""
        command: Command = ("FCALL", f"riverline_{function}_{self.version}", 0)
        try:
            return [self._of_node(node, command) for node in self._cluster.masters(fresh=True)]
        except Transient as error:
            return [error]

    def _of_node(self, node: Node, command: Command) -> Result:
        try:
            [reply] = node.ask(command)
            if _is_missing(reply):
                _, reply = node.ask(("FUNCTION", "LOAD", "REPLACE", self._code), command)
        except Transient as error:
            return error
        return cast(Result, reply)


def _is_missing(result: Result) -> bool:
    return isinstance(result, ReplyError) and str(result).startswith("ERR Function not found")

"""Redis Functions: a library of Lua, called on keys of a cluster and loaded wherever it is missing."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import cast

from riverline.adapters.redis.cluster import RedisCluster, Result
from riverline.adapters.redis.connection import Command, Node, ReplyError
from riverline.errors import Transient

FOLDER = Path(__file__).parent / "lua"


class FunctionLibrary:
    """One library. Its functions carry a digest of its text in their names, so that programs of different versions can
    work beside each other."""

    def __init__(self, cluster: RedisCluster, name: str) -> None:
        text = (FOLDER / f"{name}.lua").read_text()
        self.version = blake2b(text.encode(), digest_size=4).hexdigest()
        self._cluster, self._code = cluster, text.replace("_VERSION", f"_{self.version}")

    def call(self, function: str, key: str, *arguments: str | int | bytes) -> tuple[str, Command]:
        """One call, to be given to `results`."""
        return key, ("FCALL", f"riverline_{function}_{self.version}", 1, key, *arguments)

    def results(self, commands: Sequence[tuple[str, Command]], seconds: float | None = None) -> list[Result]:
        """As of the cluster; where one lacks the library all get it first."""
        results = self._cluster.results(commands, seconds)
        if not any(isinstance(result, ReplyError) for result in results):
            return results
        missing = [place for place, result in enumerate(results) if _is_missing(result)]
        if missing:
            self._load()
            again = self._cluster.results([commands[place] for place in missing], seconds)
            for place, result in zip(missing, again, strict=True):
                results[place] = result
        return results

    def _load(self) -> None:
        """To all nodes: a key may be where its slot moves to. Without one that does not answer."""
        for node in self._cluster.masters():
            with suppress(Transient):
                node.ask(("FUNCTION", "LOAD", "REPLACE", self._code))

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

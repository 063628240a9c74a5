"""Elasticsearch's part: a snapshot in a repository of its own, which is then one folder of files.

The server writes it below its `path.repo`, which must be a folder of this machine or one that both share.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from riverline.adapters.elasticsearch.connection import ElasticsearchConnection
from riverline.errors import Fatal, NotFound
from riverline.search.mappings import DOCUMENTS, FATES, SEARCHES
from riverline.settings import Settings
from riverline_stack.supervision.accounts import give

REPOSITORY, SNAPSHOT = "riverline-backup", "all"
LOOK = 0.3  # seconds between two looks at the server's work
LONGEST = 3600.0  # seconds for which the server may restore


class Snapshots:
    """`folder` is where the server keeps repositories."""

    def __init__(self, connection: ElasticsearchConnection, settings: Settings) -> None:
        self._connection = connection
        self.folder = settings.home / "elasticsearch" / "snapshots"

    def alias(self) -> str:
        """The index that the documents are in."""
        (name,) = self._connection.call("GET", f"/_alias/{DOCUMENTS}")
        return str(name)

    def version(self) -> str:
        return str(self._connection.call("GET", "/")["version"]["number"])

    def take(self, name: str) -> tuple[Path, dict[str, int]]:
        """A snapshot of all that is kept: its folder, and the number of documents of each index in it."""
        self._register(name)
        path = f"/_snapshot/{REPOSITORY}/{SNAPSHOT}"
        indices = [self.alias(), *self._dated()]
        self._connection.call("PUT", path, {"indices": indices, "include_global_state": False})
        while (found := self._connection.call("GET", path)["snapshots"][0])["state"] == "IN_PROGRESS":
            time.sleep(LOOK)
        if found["state"] != "SUCCESS":
            raise Fatal(f"the snapshot ended as {found['state']}: {found.get('failures')}")
        counts = {index: self.count(index) for index in found["indices"]}
        self._connection.call("DELETE", f"/_snapshot/{REPOSITORY}")
        return self.folder / name, counts

    def count(self, index: str) -> int:
        """Documents of an index that a search sees."""
        return int(self._connection.call("GET", f"/{index}/_count")["count"])

    def _dated(self) -> list[str]:
        params = {"ignore_unavailable": "true", "allow_no_indices": "true"}
        return sorted(self._connection.call("GET", f"/{SEARCHES}*,{FATES}*/_alias", params=params))

    def _register(self, name: str, readonly: bool = False) -> None:
        settings: Mapping[str, Any] = {"location": name, "readonly": readonly}
        self._connection.call("PUT", f"/_snapshot/{REPOSITORY}", {"type": "fs", "settings": settings})

    def put_back(self, name: str, alias: str, indices: Sequence[str]) -> None:
        """Replaces what the server holds by those indices of the snapshot in the folder `name`."""
        if os.geteuid() == 0:
            owner = self.folder.stat()  # the server's account
            give(self.folder, owner.st_uid, owner.st_gid)
        self._register(name, readonly=True)
        self._empty()
        body = {"indices": list(indices), "include_global_state": False, "include_aliases": True}
        self._connection.call(
            "POST",
            f"/_snapshot/{REPOSITORY}/{SNAPSHOT}/_restore",
            {**body, "ignore_index_settings": ["index.blocks.write"]},
            {"wait_for_completion": "true"},
            LONGEST,
        )
        self._connection.call("DELETE", f"/_snapshot/{REPOSITORY}")
        if self.alias() != alias:
            raise Fatal(f"{DOCUMENTS} stands for {self.alias()} after the restore, not for {alias}")

    def _empty(self) -> None:
        try:
            documents = sorted(self._connection.call("GET", f"/{DOCUMENTS}-v*/_alias"))
        except NotFound:
            documents = []
        for index in (*documents, *self._dated()):
            self._connection.call("DELETE", f"/{index}")

    def forget(self, name: str) -> None:
        """Removes the folder of a snapshot."""
        shutil.rmtree(self.folder / name, ignore_errors=True)

    def close(self) -> None:
        self._connection.close()

"""`riverline reindex` and the vectors of semantic search, which are made of what it copies."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from riverline.adapters.elasticsearch.reindexing import Reindexed
from riverline.model import Document
from riverline.search.semantic.contracts import TextVector
from riverline.settings import Settings
from riverline.testing.memory_vectors import MemoryVectors
from riverline_commands import reindex as command


@dataclass
class Assembled:
    """What the command takes of the services."""

    vectors: MemoryVectors
    settings: Settings = field(default_factory=Settings)

    @property
    def elasticsearch(self) -> Assembled:
        return self

    def close(self) -> None:
        pass


class Copying:
    """A reindex that has nothing to do."""

    def __init__(self, *_: object, **__: object) -> None: ...

    def run(self, _: object) -> Reindexed:
        return Reindexed("documents-v1", "documents-v2", 1, 0, 0, 0.1, 0.1)


@pytest.mark.parametrize("recompute", [False, True])
def test_vectors_are_made_anew_with_what_is_computed_again(recompute: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = MemoryVectors([Document("u", "s", "t", "", "b", "article", crawled_at=1)])
    vectors.put({"u": TextVector("of", {"model": b"1"})})
    monkeypatch.setattr(command, "assemble", lambda _: Assembled(vectors))
    monkeypatch.setattr(command, "Reindexing", Copying)
    command.reindex(recompute=recompute, json=True)
    assert bool(vectors.vectors(["u"])) is not recompute

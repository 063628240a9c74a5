"""A sentence model is loaded beside its first users."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from riverline.errors import Fatal, Transient
from riverline.search.semantic.contracts import Embeddings, QueryVector
from riverline.search.semantic.loaded_later import LoadedLater
from riverline.testing.memory_vectors import WordEmbeddings


def until(asked: Callable[[], QueryVector]) -> QueryVector:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            return asked()
        except Transient:
            continue
    raise AssertionError("it is not loaded after 10 s")


def test_nobody_waits_while_it_is_loaded_once() -> None:
    go, loads = threading.Event(), []

    def load() -> Embeddings:
        assert go.wait(10)
        loads.append(1)
        return WordEmbeddings()

    model = LoadedLater(load)
    for _ in range(3):
        with pytest.raises(Transient):
            model.of_query("river")
    go.set()
    assert until(lambda: model.of_query("river")) == WordEmbeddings().of_query("river")
    assert model.of_document("river") == WordEmbeddings().of_document("river")
    assert loads == [1]


def test_one_that_cannot_be_loaded_is_told_of_and_leaves_results_as_they_are(caplog: pytest.LogCaptureFixture) -> None:
    def load() -> Embeddings:
        raise Fatal("no packages")

    model = LoadedLater(load)
    with pytest.raises(Transient):
        model.of_query("river")
    deadline = time.monotonic() + 10
    while not caplog.records and time.monotonic() < deadline:
        pass
    assert "no packages" in caplog.text
    with pytest.raises(Transient):
        model.of_query("river")

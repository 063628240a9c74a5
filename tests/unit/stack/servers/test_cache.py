from __future__ import annotations

import fcntl
from pathlib import Path

import pytest

from riverline_stack.servers.cache import held


def take_at_once(cache: Path) -> None:
    with (cache / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_nobody_else_fills_a_cache_that_is_held(tmp_path: Path) -> None:
    with held(tmp_path), pytest.raises(BlockingIOError):
        take_at_once(tmp_path)


def test_the_cache_is_free_again_after_a_failure(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), held(tmp_path):
        raise RuntimeError
    take_at_once(tmp_path)

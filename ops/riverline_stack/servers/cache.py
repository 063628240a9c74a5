"""The cache of downloads and of what is made from them, shared by all stacks of a user."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def held(cache: Path) -> Iterator[None]:
    """Nobody else fills the cache meanwhile: two stacks that start at once would remove each other's half-made folders.

    Waits until it is free. The lock ends with its process.
    """
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield

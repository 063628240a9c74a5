"""The client's import without HTTP libraries that we never send a request with.

It takes aiohttp, httpx and requests wherever they are installed, which is more than half of what its import costs and
several MiB in each process. `DirectNode` needs none of them, and the client starts without.
"""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

UNUSED = {"aiohttp", "httpx", "requests"}


class _Refusal(MetaPathFinder):
    """For one thread these are not installed: others may import them meanwhile."""

    def __init__(self) -> None:
        self._thread = threading.get_ident()

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name in UNUSED and threading.get_ident() == self._thread:
            raise ModuleNotFoundError(f"{name} is not used here", name=name)
        return None


def import_client() -> None:
    """Imports the package `elasticsearch`, unless it is imported already."""
    if "elasticsearch" in sys.modules:
        return
    refusal = _Refusal()
    sys.meta_path.insert(0, refusal)
    try:
        importlib.import_module("elasticsearch")
    finally:
        sys.meta_path.remove(refusal)

"""In-memory twins of the stores: the same contracts, no server. The contract suite keeps them honest."""

from __future__ import annotations

from riverline.stores.memory_index import MemoryIndex
from riverline.stores.memory_log import MemoryLog

__all__ = ["MemoryIndex", "MemoryLog"]

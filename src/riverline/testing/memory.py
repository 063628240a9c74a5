"""In-memory twins of the stores: the same contracts, no server. The contract suite keeps them honest."""

from __future__ import annotations

from riverline.testing.memory_index import MemoryIndex
from riverline.testing.memory_log import MemoryLog

__all__ = ["MemoryIndex", "MemoryLog"]

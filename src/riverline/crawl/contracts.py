"""The contract of the store of targets. `adapters/mysql/targets.py` implements it in MySQL, `testing/` in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from riverline.model import Target

LEASE_SECONDS = 60  # without a renewal another crawler may take a target over
LONGEST_LEASE_SECONDS = 2 * LEASE_SECONDS  # a lease that ends later was written by a clock that was ahead: it is over


@dataclass(frozen=True, slots=True)
class StoredTarget:
    """A target as it is kept. Times are ms since 1970."""

    id: int
    target: Target
    revision: int  # grows with each change of the target
    due_at: int  # its next round
    worker: str = ""  # the crawler that holds it
    leased_until: int = 0
    progress: Mapping[str, Any] = field(default_factory=dict)  # of the round that goes on, or the last one


class Targets(Protocol):
    """Targets by name, and who crawls which. All raise Transient when the server is away."""

    def add(self, target: Target) -> StoredTarget:
        """A new target, due at once. Raises Conflict when the name is taken."""

    def all(self) -> list[StoredTarget]:
        """Every target, by name."""

    def get(self, name: str) -> StoredTarget:
        """Raises NotFound."""

    def replace(self, name: str, target: Target) -> StoredTarget:
        """Another definition, due at once; its crawler continues with that. The same definition only makes it due.
        Raises NotFound, Conflict."""

    def remove(self, name: str) -> None:
        """Raises NotFound."""

    def claim(self, worker: str, limit: int) -> list[StoredTarget]:
        """Takes targets that are enabled, due and held by nobody: the highest priority first, then the longest due.
        They are the worker's for LEASE_SECONDS, and longer as it renews them."""

    def renew(self, worker: str, progress: Mapping[int, Mapping[str, Any]]) -> dict[int, int]:
        """Holds targets for another LEASE_SECONDS and notes how far they are. Gives the revision of each that is still
        the worker's and enabled: the others must be let go."""

    def release(self, worker: str, ids: Sequence[int], due_in: float | None, progress: Mapping[str, Any]) -> None:
        """Lets targets go. `due_in`: seconds until their next round; None leaves them due. Those that are no longer
        the worker's are left alone."""

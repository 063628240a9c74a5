"""Small values that may be forgotten: what more than one part of the system keeps in Redis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol


class KeyValue(Protocol):
    """Small values with an expiry, which may be lost sooner. Callers work without it."""

    def get(self, keys: Sequence[str]) -> list[bytes | None]:
        """The values that are there."""

    def put(self, key: str, value: bytes, seconds: float) -> None: ...

    def put_new(self, key: str, value: bytes, seconds: float) -> bool:
        """Keeps it if nothing else is there. If it was so: of several callers with values of their own, one is told
        so."""

    def forget(self, key: str) -> None: ...

    def looked_up(self, key: str, claim: str, token: bytes, seconds: float) -> tuple[bytes | None, bool]:
        """What is kept, and as of `put_new` whether the caller's token is the claim now, made for so long."""

    def settle(self, key: str, value: bytes, seconds: float, claim: str, token: bytes) -> None:
        """Keeps it; then, not before, releases the claim. Both keys are in one slot of the cluster."""

    def release(self, claim: str, token: bytes) -> None:
        """Forgets the claim if it is the one that was made with the token: another one's stays."""

    def note(self, key: str, values: Mapping[str, bytes], seconds: float) -> None:
        """Adds values by name to those under the key, all of which end together, so long after the last was added."""

    def noted(self, key: str, names: Sequence[str]) -> list[bytes | None]:
        """What was noted under those names."""

    def counted(self, more: Mapping[str, int], window: int, seconds: int) -> list[tuple[int, int]]:
        """So many more of each name in this window. Returns the counts of the window before, and of this one; a count
        is kept for `seconds` after its last change."""

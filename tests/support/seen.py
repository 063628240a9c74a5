"""A seen-filter that is never wrong."""

from __future__ import annotations


class Keys(set[bytes]):
    """A set of keys, complete from the start unless told otherwise."""

    def __init__(self, *keys: bytes, complete: bool = True) -> None:
        super().__init__(keys)
        self.complete = complete

    def mark_complete(self) -> None:
        self.complete = True

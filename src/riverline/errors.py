"""Errors, named by what to do about them.

RiverlineError
├── Invalid      the input is wrong and will stay wrong: a dead letter, a 4xx answer
│   ├── NotFound     what was asked for does not exist
│   └── Conflict     it contradicts what is stored already
├── Transient    a server is away or busy: try again with a pause
└── Fatal        the set-up is wrong: stop, and say which setting to change
"""

from __future__ import annotations


class RiverlineError(Exception):
    """The root. `str(error)` is a sentence for a person; it never holds a secret."""


class Invalid(RiverlineError):
    """The input is wrong and will be wrong the next time too. `reason` is its short name in fates and metrics."""

    def __init__(self, message: str, reason: str = "invalid") -> None:
        super().__init__(message)
        self.reason = reason


class NotFound(Invalid):
    """What was asked for does not exist."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "not_found")


class Conflict(Invalid):
    """It contradicts what is stored already."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "conflict")


class Transient(RiverlineError):
    """A server is away or busy. The same call may succeed after a pause."""


class Fatal(RiverlineError):
    """The set-up is wrong; trying again cannot help."""

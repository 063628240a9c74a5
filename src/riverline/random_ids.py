"""Random ids of 128 bits, which nobody can guess.

The system is asked for randomness once for many of them: asking takes longer than most of what a request does with it.
"""

from __future__ import annotations

import os

DIGITS = 32
MANY = 256

_ready: list[str] = []
os.register_at_fork(after_in_child=_ready.clear)  # else parent and child would give out the same ones


def random_id() -> str:
    """32 hexadecimal digits. Thread-safe."""
    try:
        return _ready.pop()
    except IndexError:
        first, *others = _made()
        _ready.extend(others)
        return first


def _made() -> list[str]:
    digits = os.urandom(MANY * DIGITS // 2).hex()
    return [digits[start : start + DIGITS] for start in range(0, len(digits), DIGITS)]

"""Random ids of 128 bits, of which the last 96 cannot be guessed.

The system is asked for randomness once for many of them: asking takes longer than most of what a request does with it.
Those begin alike, so that what is kept of them for a while can be kept together.
"""

from __future__ import annotations

import os

DIGITS = 32
ALIKE = 8  # digits that ids which were made together begin with
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
    own = DIGITS - ALIKE
    digits = os.urandom((ALIKE + MANY * own) // 2).hex()
    return [digits[:ALIKE] + digits[start : start + own] for start in range(ALIKE, len(digits), own)]

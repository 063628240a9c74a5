"""Amounts as Korean writes them: `8천 원`, `8000원` and `8,000원` are one. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

_SMALL = {"십": 10, "백": 100, "천": 1_000}
_LARGE = {"만": 10_000, "억": 10**8, "조": 10**12}
LEAST = 1_000  # smaller ones are written in digits alone
MOST = 10**16
MOST_WORDS = 4  # of one amount: `1억 2천만 5백 원`

# Digits and units in turns, then what is counted.
_AMOUNT = re.compile(
    r"(?P<number>\d[\d,]*(?:\.\d+)?(?:[십백천만억조]+(?:\d[\d,]*(?:\.\d+)?)?)*)(?P<counted>[가-힣]{0,4})"
)
_PART = re.compile(r"(?P<digits>[\d,]+(?:\.\d+)?)?(?P<unit>[십백천만억조])?")


def alternatives(words: Sequence[str]) -> dict[str, list[str]]:
    """For each word of an amount, the other ways to write the whole of it."""
    found: dict[str, list[str]] = {}
    place = 0
    while place < len(words):
        length, written = _amount(words[place : place + MOST_WORDS]) if words[place][0].isdigit() else (1, [])
        for word in words[place : place + length] if written else ():
            found[word] = list(dict.fromkeys((*found.get(word, ()), *written)))
        place += max(length, 1)
    return found


def _amount(words: Sequence[str]) -> tuple[int, list[str]]:
    """How many of the words, from the first on, are one amount, and how else it is written."""
    for length in range(len(words), 0, -1):
        whole = "".join(words[:length])
        match = _AMOUNT.fullmatch(whole)
        if match and all(word[0].isdigit() for word in words[:length]):
            value = _value(match["number"])
            others = _written(value, match["counted"]) if value else []
            return length, [one for one in others if one.replace(" ", "") != whole]
    return 0, []


def _value(number: str) -> int:
    """The number that is written; 0 where it is none that has another form."""
    total = section = digits = Decimal(0)
    pending = False
    for match in _PART.finditer(number):
        if match["digits"]:
            digits, pending = Decimal(match["digits"].replace(",", "")), True
        if unit := match["unit"]:
            if unit in _SMALL:
                section += (digits if pending else 1) * _SMALL[unit]
            else:
                total += (section + digits if section or pending else 1) * _LARGE[unit]
                section = Decimal(0)
            digits, pending = Decimal(0), False
    value = total + section + digits
    return int(value) if value == int(value) and LEAST <= value < MOST else 0


def _written(value: int, counted: str) -> list[str]:
    return list(dict.fromkeys(f"{one}{counted}" for one in (str(value), *_mixed(value))))


def _mixed(value: int) -> Iterator[str]:
    """In ten thousands with digits (`3만 5000`), and with the thousand too (`3만 5천`)."""
    parts = []
    for unit, size in reversed(_LARGE.items()):
        if count := value // size:
            parts.append(f"{count}{unit}")
        value %= size
    if value:
        yield " ".join((*parts, str(value)))
    if value >= LEAST and not value % 100:
        hundreds = f"{value % LEAST // 100}백" if value % LEAST else ""
        yield " ".join((*parts, f"{value // LEAST}천{hundreds}"))
        if hundreds:
            yield " ".join((*parts, f"{value // LEAST}천{value % LEAST}"))
    elif not value:
        yield " ".join(parts)

"""Likely slips of the keys that were pressed: one or two away, and how unlikely each is. Pure.

The costs are natural logarithms of "so many times less likely than the word as it stands": the noisy channel of
Kernighan, Church and Gale (1990), with the kinds of slips weighed by hand: how many words come right with them is
tested in `tests/integration/test_spelling.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

from riverline.search.spelling.keys import Writing, neighbours

SWAPPED = 2.0  # two keys in the wrong order
BESIDE = 2.0  # the key next to the right one, or the right one without shift
ALIKE = 1.7  # a letter that sounds like the right one
OTHER = 3.0  # any other key
DOUBLE_LEFT_OUT, LEFT_OUT = 1.4, 1.5  # whoever leaves a key out has one way to, who presses another has many
DOUBLED, TOO_MANY = 1.7, 3.0
FIRST_KEY = 0.7  # more, for a slip on the first key

_SOUND_ALIKE = {
    Writing.LATIN: ("aeiouy", "cks", "sz", "gj", "vwf", "bp", "dt", "mn", "rl", "ckq"),
    # ㅐ ㅔ ㅒ ㅖ, ㅗ ㅜ, ㅓ ㅗ, ㅡ ㅜ, ㅣ ㅡ; ㄱ ㄲ ㅋ, ㄷ ㄸ ㅌ, ㅂ ㅃ ㅍ, ㅈ ㅉ ㅊ, ㅅ ㅆ
    Writing.HANGUL: ("opOP", "hn", "jh", "mn", "lm", "rRz", "eEx", "qQv", "wWc", "tT"),
}


def slips(pressed: str, alphabet: str, writing: Writing) -> Iterator[tuple[str, float]]:
    """What may have been meant, with its cost, where one key is wrong, missing, too many or in the wrong place."""
    for at in range(len(pressed) + 1):
        before, rest = pressed[:at], pressed[at:]
        more = FIRST_KEY if at == 0 else 0.0
        for key in alphabet:
            left_out = DOUBLE_LEFT_OUT if key in (before[-1:], rest[:1]) else LEFT_OUT
            yield before + key + rest, left_out + more
        if rest:
            yield from _wrong(before, rest, alphabet, writing, more)


def two_slips(pressed: str, alphabet: str, writing: Writing) -> Iterator[tuple[str, float]]:
    """Two of the kinds that happen again and again, which are few enough to try all pairs of them."""
    for once, cost in _likely(pressed, alphabet, writing):
        for twice, more in _likely(once, alphabet, writing):
            yield twice, cost + more


def _likely(pressed: str, alphabet: str, writing: Writing) -> Iterator[tuple[str, float]]:
    """Of the keys that were left out, double ones alone: all of them are too many to try pairs of."""
    found = slips(pressed, alphabet, writing)
    longest = len(pressed)
    return ((meant, cost) for meant, cost in found if cost <= SWAPPED and (len(meant) <= longest or cost < LEFT_OUT))


def _wrong(before: str, rest: str, alphabet: str, writing: Writing, more: float) -> Iterator[tuple[str, float]]:
    key, after = rest[0], rest[1:]
    yield before + after, more + (DOUBLED if key in (before[-1:], after[:1]) else TOO_MANY)
    if after and after[0] != key:
        yield before + after[0] + key + after[1:], SWAPPED + more
    beside = neighbours(key)
    for other in alphabet:
        if other != key:
            cost = ALIKE if (key, other) in _ALIKE[writing] else BESIDE if other in beside else OTHER
            yield before + other + after, cost + more


_ALIKE = {
    writing: frozenset((one, other) for group in groups for one in group for other in group if one != other)
    for writing, groups in _SOUND_ALIKE.items()
}

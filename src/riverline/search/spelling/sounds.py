"""How a word sounds, Korean or Latin, so that one is found that is written in the other letters. Pure.

Korean words are romanised by the Revised Romanization (2000) as they are spoken: consonants move to the next syllable
and become like their neighbours (`독립문` is dongnimmun). Then what older romanisations and people write otherwise is
made one: g and k, d and t, b, p and f, r and l, j and ch, eo and o, eu and u, double letters and single ones. So
`Pusan` sounds as `부산`, `kimchee` as `김치`, `soondae` as `순대`.
"""

from __future__ import annotations

import re

from riverline.search.autocomplete import syllable_parts
from riverline.search.spelling.keys import Writing, is_whole, keys, writing

SHORTEST, SYLLABLES = 5, 2  # sounds, syllables: shorter words sound as too many others
INITIALS = ("g", "kk", "n", "d", "tt", "r", "m", "b", "pp", "s", "ss", "", "j", "jj", "ch", "k", "t", "p", "h")
VOWELS = (
    *("a", "ae", "ya", "yae", "eo", "e", "yeo", "ye", "o", "wa", "wae"),
    *("oe", "yo", "u", "wo", "we", "wi", "yu", "eu", "ui", "i"),
)
# What a final consonant is at the end of a word or before a consonant, and before a vowel: what stays, and what moves.
_FINAL: tuple[tuple[str, str, str], ...] = (
    ("", "", ""),
    *(("k", "", "g"), ("k", "", "kk"), ("k", "k", "s"), ("n", "", "n"), ("n", "n", "j"), ("n", "", "n")),
    *(("t", "", "d"), ("l", "", "r"), ("k", "l", "g"), ("m", "l", "m"), ("l", "l", "b"), ("l", "l", "s")),
    *(("l", "l", "t"), ("p", "l", "p"), ("l", "", "r"), ("m", "", "m"), ("p", "", "b"), ("p", "p", "s")),
    *(("t", "", "s"), ("t", "", "ss"), ("ng", "ng", ""), ("t", "", "j"), ("t", "", "ch"), ("k", "", "k")),
    *(("t", "", "t"), ("p", "", "p"), ("", "", "")),
)
_BREATHED = (6, 15, 27)  # finals with ㅎ: g, d and j after them are k, t and ch
_BEFORE_I = {"d": "j", "t": "ch"}  # `같이`
_NASAL = {"k": "ng", "t": "n", "p": "m"}
_ALIKE = {
    **dict.fromkeys(("tch", "ch", "j", "z"), "j"),
    **dict.fromkeys(("ck", "k", "g", "q", "c"), "k"),
    **dict.fromkeys(("t", "d"), "t"),
    **dict.fromkeys(("ph", "p", "b", "f", "v"), "p"),
    **dict.fromkeys(("l", "r"), "l"),
    **dict.fromkeys(("sh", "s"), "s"),
    "x": "ks",
    "eo": "o",
    "eu": "u",
    "oo": "u",
    "ae": "e",
    "ee": "i",
}
_FOLDED = re.compile("|".join(sorted(_ALIKE, key=len, reverse=True)))
_BREATH = re.compile(r"(?<=[jktplsnm])h")
_TWICE = re.compile(r"(.)\1+")


def sound(word: str) -> str:
    """Equal for words that sound alike; empty for those that are too short, or of another writing."""
    kind = writing(word)
    if kind is Writing.HANGUL and not (len(word) >= SYLLABLES and is_whole(word)):
        return ""
    heard = "" if kind is None else _folded(romanised(word) if kind is Writing.HANGUL else keys(word))
    return heard if len(heard) >= SHORTEST else ""


def romanised(word: str) -> str:
    """Hangul syllables in Latin letters, as they are spoken."""
    syllables = [syllable_parts(char) for char in word]
    said: list[str] = []
    initial = INITIALS[syllables[0][0]]
    for place, (_, vowel, final) in enumerate(syllables):
        said += (initial, VOWELS[vowel])
        if place + 1 == len(syllables):
            said.append(_FINAL[final][0])
        else:
            following, after, _ = syllables[place + 1]
            ending, initial = _joined(final, INITIALS[following], VOWELS[after])
            said.append(ending)
    return "".join(said)


def _joined(final: int, initial: str, vowel: str) -> tuple[str, str]:
    """The end of a syllable and the beginning of the next one, as they are spoken one after the other."""
    ending, stays, moves = _FINAL[final]
    if not initial:
        return stays, _BEFORE_I.get(moves, moves) if vowel == "i" else moves
    if final in _BREATHED and initial in ("g", "d", "j"):
        return ending, {"g": "k", "d": "t", "j": "ch"}[initial]
    if initial in ("n", "m"):
        return ("l", "l") if (ending, initial) == ("l", "n") else (_NASAL.get(ending, ending), initial)
    if initial == "r":
        return ("l", "l") if ending in ("n", "l") else (_NASAL.get(ending, ending), "n" if ending else "r")
    return ending, initial


def _folded(latin: str) -> str:
    """Latin letters by what they sound as."""
    text = _FOLDED.sub(lambda found: _ALIKE[found[0]], latin)
    return _TWICE.sub(r"\1", _BREATH.sub("", text))

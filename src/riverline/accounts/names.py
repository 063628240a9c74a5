"""Names that cannot be taken for another one's: no letters that nobody sees, and no look-alikes. Pure.

A name in one script that looks like one in another (Cyrillic `раура`) is somebody's name; a word that mixes the two is
nobody's.
"""

from __future__ import annotations

import re
import unicodedata

from riverline.parsing.language.blank import UNSEEN

JOINER, NON_JOINER = "\u200d", "\u200c"
SELECTORS = "\ufe0e\ufe0f"  # text or picture: part of many emoji
TOGETHER = frozenset({"LATIN", "HANGUL", "CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "BOPOMOFO"})
FIRST_LIKENESS = "\u02ff"  # letters of mathematics, full width, in circles; before: ª and º of names
NEEDS_JOINERS = range(0x0600, 0x0E00)  # scripts from Arabic to Sinhala spell words with them
WORD = re.compile(r"[^\W\d_]+")


def fault(name: str) -> str:
    """What is wrong with a name; empty if nothing is."""
    if any(_is_unseen(name, place) for place in range(len(name))):
        return "it contains letters that nobody sees"
    if any(letter > FIRST_LIKENESS and _is_ascii_letter(unicodedata.normalize("NFKC", letter)) for letter in name):
        return "it contains letters that look like others"
    if any(_is_mixed(word) for word in WORD.findall(name)):
        return "it mixes letters of different scripts in one word"
    return ""


def _is_unseen(name: str, place: int) -> bool:
    letter = name[place]
    if letter in (JOINER, NON_JOINER):
        before = name[:place].rstrip(SELECTORS)[-1:]
        return not before or not (ord(before) in NEEDS_JOINERS or unicodedata.category(before) in ("So", "Sk"))
    if letter in SELECTORS:
        return place == 0 or not name[place - 1].strip()
    return letter in UNSEEN or unicodedata.category(letter) in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp")


def _is_ascii_letter(text: str) -> bool:
    return len(text) == 1 and text.isascii() and text.isalpha()


def _is_mixed(word: str) -> bool:
    scripts = {
        unicodedata.name(letter, "").partition(" ")[0] for letter in word if unicodedata.category(letter)[0] == "L"
    }
    known = scripts & {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "HEBREW", "ARABIC"}
    return (
        len(scripts) > 1
        and bool(known)
        and not scripts <= TOGETHER | {"HALFWIDTH", "FULLWIDTH", "MODIFIER", "FEMININE", "MASCULINE"}
    )

"""Which script a text is in, and which scripts a language is written in."""

from __future__ import annotations

import re

LATIN, HANGUL, KANA, HAN = "Latin", "Hangul", "Kana", "Han"
MOSTLY = 0.3  # share of letters from which on a script speaks for a text, whatever it quotes in Latin letters
QUOTED = 0.1  # the same where the page declares a language of that script
KANA_OF_JAPANESE = 0.05  # share of kana among kana and Han

RANGES = {
    HANGUL: "\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3",
    KANA: "\u3041-\u30fa\u30fc-\u30ff\uff66-\uff9f",
    HAN: "\u3005\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f",
    "Cyrillic": "\u0400-\u052f",
    "Arabic": "\u0620-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc",
    "Greek": "\u0370-\u03ff\u1f00-\u1fff",
    "Hebrew": "\u05d0-\u05f4",
    "Thai": "\u0e01-\u0e4e",
    "Devanagari": "\u0900-\u097f",
    "Bengali": "\u0980-\u09ff",
    "Gurmukhi": "\u0a00-\u0a7f",
    "Gujarati": "\u0a80-\u0aff",
    "Oriya": "\u0b00-\u0b7f",
    "Tamil": "\u0b80-\u0bff",
    "Telugu": "\u0c00-\u0c7f",
    "Kannada": "\u0c80-\u0cff",
    "Malayalam": "\u0d00-\u0d7f",
    "Sinhala": "\u0d80-\u0dff",
    "Lao": "\u0e80-\u0eff",
    "Tibetan": "\u0f00-\u0fff",
    "Burmese": "\u1000-\u109f",
    "Georgian": "\u10a0-\u10ff",
    "Ethiopic": "\u1200-\u137f",
    "Khmer": "\u1780-\u17ff",
    "Armenian": "\u0531-\u0587",
}
PATTERNS = {script: re.compile(f"[{ranges}]+") for script, ranges in RANGES.items()}
PLAIN = re.compile("[A-Za-z\u00aa-\u024f\u1e00-\u1eff\\s]+")

# The languages of each script, the one of most pages first; what is in no list is written in Latin letters.
LANGUAGES = {
    HANGUL: "ko",
    KANA: "ja",
    HAN: "zh ja",
    "Cyrillic": "ru uk bg sr be mk kk ky mn tg uz tt ba cv os sh bs az tk",
    "Arabic": "ar fa ur ps ckb ug sd ku ks pnb azb arz",
    "Greek": "el",
    "Hebrew": "he yi",
    "Thai": "th",
    "Devanagari": "hi mr ne sa bh mai new kok",
    "Bengali": "bn as",
    "Gurmukhi": "pa",
    "Gujarati": "gu",
    "Oriya": "or",
    "Tamil": "ta",
    "Telugu": "te",
    "Kannada": "kn",
    "Malayalam": "ml",
    "Sinhala": "si",
    "Lao": "lo",
    "Tibetan": "bo dz",
    "Burmese": "my",
    "Georgian": "ka",
    "Ethiopic": "am ti",
    "Khmer": "km",
    "Armenian": "hy",
}
OF_SCRIPT = {script: tuple(codes.split()) for script, codes in LANGUAGES.items()}
LATIN_TOO = frozenset(["sr", "bs", "sh", "uz", "az", "kk", "tk", "tt", "ku"])  # written in two scripts
NEVER_LATIN = frozenset(code for codes in OF_SCRIPT.values() for code in codes) - LATIN_TOO


def script_of(sample: str, declared: str = "") -> str:
    """The script of a text: one that is not Latin where much of it is in that, "" where there is no letter.

    Names, code and templates are Latin everywhere, so that less than half is enough; of Korean with Chinese
    characters, and of Japanese, the script is the one that is theirs alone.
    """
    letters = "".join(sample.split())
    if not letters:
        return ""
    others = PLAIN.sub("", letters)
    if len(others) < QUOTED * len(letters):
        return LATIN
    counts = _counts(others)
    script = max(counts, key=lambda name: counts[name])
    if script in (HAN, KANA, HANGUL):
        script = _east_asian(counts)
    amount = counts[HAN] + counts[KANA] if script == KANA else counts[script]
    least = QUOTED if declared in OF_SCRIPT[script] else MOSTLY
    return script if amount >= least * len(letters) else LATIN


def _counts(letters: str) -> dict[str, int]:
    """How many letters are of each script. Those that no other can outnumber end the search: most texts are in one."""
    counts: dict[str, int] = {}
    left = len(letters)
    for script, pattern in PATTERNS.items():
        counts[script] = sum(map(len, pattern.findall(letters)))
        left -= counts[script]
        if script not in (HANGUL, KANA) and max(counts.values()) >= left:
            break
    return counts


def _east_asian(counts: dict[str, int]) -> str:
    if counts[HANGUL] >= MOSTLY * (counts[HANGUL] + counts[HAN] + counts[KANA]):
        return HANGUL
    return KANA if counts[KANA] >= KANA_OF_JAPANESE * (counts[KANA] + counts[HAN]) else HAN


def is_written_in(language: str, script: str) -> bool:
    """Whether a language is written in a script."""
    if script == LATIN:
        return language not in NEVER_LATIN
    return language in OF_SCRIPT[script]

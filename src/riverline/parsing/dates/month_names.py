"""The months as the largest languages write them, from the Unicode CLDR: full and short, as in a date and alone."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

# By speakers, and the neighbours that pages of the web are written in; of two that give one name to different months,
# such as Polish and Croatian `listopad`, the first counts, unless the page says its own.
LANGUAGES = (
    "en", "es", "pt", "fr", "de", "ru", "it", "nl", "pl", "hi", "ar", "bn", "ur", "id", "sw", "mr", "te", "ta", "tr",
    "vi", "fa", "th", "gu", "kn", "ml", "pa", "jv", "ha", "fil", "my", "am", "or", "uz", "uk", "ro", "hu", "cs", "sk",
    "el", "sv", "da", "nb", "fi", "bg", "sr", "sr_Latn", "hr", "sl", "ca", "he", "ne", "si", "az", "kk", "ka", "hy",
    "et", "lv", "lt", "is", "ms", "eu", "gl", "ar_SY", "ar_DZ", "ar_MA", "ar_MR", "de_AT",
)  # fmt: skip
SHORT = ("sept", "fév", "avr", "juil", "märz", "setiembre", "окт", "нояб", "сент", "февр")  # in use beside CLDR's
SHORT_NUMBERS = (9, 2, 4, 7, 3, 9, 10, 11, 9, 2)
ACCENTS = re.compile("[\u0300-\u036f]")
PARTS = re.compile(r"[\s.,،/'’()-]+")
BETWEEN = frozenset(("de", "del", "of", "d", "den", "the", "dne", "di", "do", "г", "р", "m", "ng", "ta", "ngay", "nam"))
IN_HEBREW = "ב"  # `in`, which is written to the month
THAI_ERA = 543  # years that the Buddhist calendar is ahead


def month(written: str, language: str = "") -> int:
    """The number of the month that a few words name; 0 where they name none, or anything else beside it."""
    words = [word for part in PARTS.split(written) if part and (word := fold(part)) not in BETWEEN]
    if not words or len(words) > 2:
        return 0
    everywhere, by_language = _months()
    name = " ".join(words)
    found = by_language.get(language, {}).get(name) or everywhere.get(name, 0)
    return found or (everywhere.get(name[1:], 0) if name.startswith(IN_HEBREW) else 0)


def is_thai(written: str) -> bool:
    """Whether a month is written in Thai, beside which years are counted from the Buddha."""
    return any("\u0e00" < letter < "\u0e80" for letter in written)


def fold(word: str) -> str:
    """A word without accents, full stop and case: `Févr.` and `FEVR` are one. Signs of other scripts stay."""
    plain = ACCENTS.sub("", unicodedata.normalize("NFD", word)).casefold()
    return ACCENTS.sub("", plain).replace("ı", "i").strip(".\u200e\u200f\u200b")


@cache
def _months() -> tuple[dict[str, int], dict[str, dict[str, int]]]:
    """The names of all languages, and those of each; read once, when the first date in words is met."""
    from babel import Locale

    everywhere: dict[str, int] = {}
    by_language: dict[str, dict[str, int]] = {}
    for code in LANGUAGES:
        own = by_language.setdefault(code.partition("_")[0], {})
        for widths in Locale.parse(code).months.values():
            for width in ("wide", "abbreviated"):
                for number, name in widths[width].items():
                    own.setdefault(_folded(name), number)
        for name, number in own.items():
            everywhere.setdefault(name, number)
    for name, number in zip(SHORT, SHORT_NUMBERS, strict=True):
        everywhere.setdefault(_folded(name), number)
    return everywhere, by_language


def _folded(name: str) -> str:
    return " ".join(fold(part) for part in PARTS.split(name) if part)

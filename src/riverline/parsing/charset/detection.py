"""Which charset bytes are in that declare none: pairs of bytes as Korean, Japanese and Chinese texts have them, else
uchardet's judgement, corrected by the language that the page declares.

A few accents and signs among Latin letters are no sample: uchardet takes an `ï` for Macintosh and a `€` for UTF-8. Such
texts are in the charset of the page's language, else in windows-1252, as browsers take them.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from riverline.parsing.charset.old_machines import of_old_machine

SAMPLE = 32_768  # bytes on which a guess is made
ASCII, HIGH_BYTES = bytes(range(128)), bytes(range(128, 256))
HIGH = re.compile(rb"[\x80-\xff][\x40-\xff]?")
MARKUP = re.compile(rb"<[^<>]{0,2000}>")
LANG = re.compile(rb"""\slang\s*=\s*["']?\s*([A-Za-z]{2})(-(?:tw|hk|mo|hant))?""", re.I)
FEWEST_PAIRS = 3
MOSTLY = 0.9  # share of pairs that are frequent characters of a charset from which on it is that
WESTERN = "cp1252"
ENOUGH, DIFFERENT = 8, 3  # accented letters, and different ones, from which on uchardet's judgement of them counts
SCATTERED = 0.7  # share of bytes beyond ASCII that stand alone or in twos from which on a text is in Latin letters
BEYOND = rb"[\x80-\xff]"
SCATTER = re.compile(rb"(?<!%(b)s)(?:%(b)s|(?<=[A-Za-z])%(b)s{2}|%(b)s{2}(?=[A-Za-z]))(?!%(b)s)" % {b"b": BEYOND})
# What may be a letter of an alphabet of Latin ones, rather than a quotation mark, a dash or a sign of a currency.
ACCENTED = re.compile(rb"[\x8a\x8c-\x8f\x9a\x9c-\x9f\xc0-\xff]|(?<=[A-Za-z])[\xa1-\xbf]|[\xa1-\xbf](?=[a-z])")
NOT_WESTERN = re.compile(rb"[\x81\x83\x8d\x8f\x90\x9d]")  # nothing in windows-1252, or a sign that nobody uses
WINDOWS_SIGNS = re.compile(rb"[\x80\x82\x84\x85\x91-\x97\x99]")  # controls in the charsets of ISO 8859

# The frequent characters of each charset, by the bytes of a pair; the most exact first: all Korean pairs would do as
# Chinese ones, but hardly any Chinese text keeps to the rows of the Hangul syllables.
PAIRS: tuple[tuple[str, Callable[[int, int], bool]], ...] = (
    ("euc_jp", lambda lead, trail: lead in (0xA4, 0xA5) and trail >= 0xA1),  # kana
    ("cp932", lambda lead, trail: (lead == 0x82 and trail >= 0x9F) or (lead == 0x83 and trail <= 0x96)),
    ("cp949", lambda lead, trail: 0xB0 <= lead <= 0xC8 and trail >= 0xA1),
    ("gb18030", lambda lead, trail: 0xB0 <= lead <= 0xD7 and trail >= 0xA1),
    ("big5hkscs", lambda lead, trail: 0xA4 <= lead <= 0xC6 and (trail <= 0x7E or trail >= 0xA1)),
)
# Signs, full-width letters and punctuation, which say nothing of the language.
SIGNS = {"cp932": range(0x81, 0x82), "big5hkscs": range(0xA1, 0xA4)}
KANA = {"euc_jp": 0.3, "cp932": 0.3}  # the share of kana is enough: kanji fill the rest of a Japanese text

# Languages by what pages in them were written in before UTF-8 (the locales of the WHATWG's standard, 8.2.2).
LEGACY = {
    "cp1250": "pl cs sk hu sl hr ro bs sq",
    "cp1251": "ru uk bg sr mk be kk mn",
    "cp1253": "el",
    "cp1254": "tr az",
    "cp1255": "he iw",
    "cp1256": "ar fa ur",
    "cp1257": "lt lv et",
    "cp1258": "vi",
    "cp874": "th",
    WESTERN: "en de fr es it pt nl sv da no nb nn fi is ga ca gl eu af id ms",
}
OF_LANGUAGE = {language: codec for codec, languages in LEGACY.items() for language in languages.split()}
KINDRED = {
    "cp1250": frozenset(("iso8859-2", "iso8859-16", "mac-latin2")),
    "cp1251": frozenset(("koi8-r", "koi8-u", "cp866", "cp855", "iso8859-5", "mac-cyrillic")),
    "cp1252": frozenset(("iso8859-1", "iso8859-15", "cp850", "mac-roman")),
    "cp1253": frozenset(("iso8859-7",)),
    "cp1254": frozenset(("iso8859-9", "iso8859-3")),
    "cp1255": frozenset(("iso8859-8",)),
    "cp1256": frozenset(("iso8859-6",)),
    "cp1257": frozenset(("iso8859-13", "iso8859-4", "iso8859-10")),
    "cp874": frozenset(("iso8859-11",)),
}


# Languages of two bytes a character, by the charsets of their pages, the one that is hardest to mistake first.
EAST_ASIAN = {
    "ko": ("cp949",),
    "ja": ("euc_jp", "cp932"),
    "zh": ("gb18030", "big5hkscs"),
    "zh-hant": ("big5hkscs", "gb18030"),
}
LATIN = re.compile(r"cp(?:125[0478]|437|85[028]|86[0135])$|iso8859-(?:1|2|3|4|9|1[03456])$|mac-(?!cyrillic|greek)")
OF_OLD_MACHINES = re.compile(r"cp(?:4|8)|mac")  # have their letters where others have signs


def guess(body: bytes, codec: Callable[[str], str]) -> str:
    """The codec that a body looks like. `codec` names Python's codec of a label, "" for an unknown one."""
    sample = _densest(body)
    text = MARKUP.sub(b" ", sample)
    language = _language(body)
    expected = OF_LANGUAGE.get(language, "")
    if expected in ("", WESTERN) and _is_scattered(text) and (found := of_old_machine(text)):
        return found
    if _is_latin(text):
        return _of_latin(text, expected, codec)
    open_to_all = not expected or language == "en"  # templates in English stand around texts of all languages
    if open_to_all and (found := _by_pairs(text)):
        return found
    if found := next((name for name in EAST_ASIAN.get(language, ()) if _fits(sample, name, cut=False)), ""):
        return found
    found = _detected(sample, codec)
    if found and (not expected or found == expected or found in KINDRED.get(expected, ())):
        return found
    if open_to_all and _is_double(found):
        return found
    return expected or found or WESTERN


def _language(body: bytes) -> str:
    found = LANG.search(body[:4096])
    if not found:
        return ""
    return found[1].decode().lower() + ("-hant" if found[2] and found[1].lower() == b"zh" else "")


def _detected(sample: bytes, codec: Callable[[str], str]) -> str:
    """uchardet's judgement; that it is UTF-8 is none, since only what is not comes here."""
    from cchardet import detect

    found = codec(detect(sample)["encoding"] or "")
    return "" if found == "utf-8" else found


def _is_latin(text: bytes) -> bool:
    """Whether what is beyond ASCII are accents and signs among Latin letters."""
    return not NOT_WESTERN.search(text) and _is_scattered(text)


def _is_scattered(text: bytes) -> bool:
    count = len(text) - len(text.translate(None, HIGH_BYTES))
    return count > 0 and sum(map(len, SCATTER.findall(text))) >= SCATTERED * count


def _of_latin(text: bytes, expected: str, codec: Callable[[str], str]) -> str:
    """The charset of a text in Latin letters."""
    default = expected if LATIN.match(expected) else WESTERN
    letters = ACCENTED.findall(text)
    if len(letters) < ENOUGH or len(set(letters)) < DIFFERENT:
        return default
    found = _detected(text, codec)
    if not LATIN.match(found) or (expected and found != expected and found not in KINDRED.get(expected, ())):
        return default
    if OF_OLD_MACHINES.match(found) and sum(letter < b"\xa0" for letter in letters) * 2 < len(letters):
        return default
    if found.startswith("iso") and WINDOWS_SIGNS.search(text):
        return next((name for name, kin in KINDRED.items() if found in kin), found)
    return found


def _densest(body: bytes) -> bytes:
    """The part with most bytes beyond ASCII: it says most."""
    parts = (body[start : start + SAMPLE] for start in range(0, len(body), SAMPLE))
    return max(parts, key=lambda part: len(part.translate(None, ASCII)), default=b"")


def _is_double(codec: str) -> bool:
    return codec in ("cp949", "gb18030", "big5hkscs", "cp932", "euc_jp", "johab") or codec.startswith("iso2022")


def _by_pairs(sample: bytes) -> str:
    """The charset of which nearly all pairs of bytes are frequent characters, "" for none."""
    pairs = [(pair[0], pair[1]) for pair in HIGH.findall(sample) if len(pair) == 2]
    if len(pairs) < FEWEST_PAIRS:
        return ""
    for name, frequent in PAIRS:
        signs = SIGNS.get(name, range(0xA1, 0xA4))
        told = [pair for pair in pairs if pair[0] not in signs]
        share = sum(frequent(*pair) for pair in told) / len(told) if len(told) >= FEWEST_PAIRS else 0.0
        if share >= KANA.get(name, MOSTLY) and _fits(sample, name):
            return name
    return ""


def _fits(sample: bytes, name: str, cut: bool = True) -> bool:
    """Whether a sample is read without an error, but for a character that may be cut at its end."""
    try:
        sample.decode(name)
    except UnicodeDecodeError as error:
        return cut and error.end >= len(sample) - 1
    return True

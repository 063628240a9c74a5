"""How text is cut into terms. One analyser a way of reading; the text fields have a sub-field for each of them.

| name | reads | what it is for |
|---|---|---|
| `std` | any script | words as written, accents folded: names, and languages without an analyser of their own |
| `en` | English | stemmed, without stop words |
| `ko` | Korean | nori: the parts of compounds and the stems of verbs, without particles and endings |
| `cjk` | Hangul, Han, Kana | pairs of syllables across spaces: what nori misses, and texts with spacing errors |

nori keeps the parts alone. Were the whole kept beside them (`mixed`), a query would become a graph of alternatives, and
the endings that are dropped leave holes in it: an inflected verb would find nothing but the same inflection.

All of it exists in Elasticsearch's own distribution with the official plugin analysis-nori, from 7.17 to 9.
"""

from __future__ import annotations

from typing import Any

from riverline.search.analysis.compatibility import RULES

ANALYSERS = ("std", "en", "ko", "cjk")

# Particles, endings, affixes and marks, as in Lucene's own default list; but numerals, foreign words and roots stay.
KOREAN_STOP_TAGS = (
    *("E", "IC", "J", "MAG", "MAJ", "MM", "SP", "SSC", "SSO", "SC", "SE", "XPN", "XSA", "XSN", "XSV"),
    *("UNA", "NA", "VSV", "VCP", "VCN", "VX"),
)


def analysis(user_words: tuple[str, ...] = ()) -> dict[str, Any]:
    """The analysis section of an index's settings. `user_words` are nori user dictionary rules (`세종시 세종 시`)."""
    return {
        "char_filter": {"join_syllables": _JOIN_SYLLABLES, "compatibility": _COMPATIBILITY, **_NAMES},
        "tokenizer": {
            "korean": {
                "type": "nori_tokenizer",
                "decompound_mode": "discard",
                **({"user_dictionary_rules": list(user_words)} if user_words else {}),
            }
        },
        "filter": {
            "korean_parts": {"type": "nori_part_of_speech", "stoptags": list(KOREAN_STOP_TAGS)},
            "english_possessive": {"type": "stemmer", "language": "possessive_english"},
            "english_stop": {"type": "stop", "stopwords": "_english_"},
            "homonyms": _HOMONYMS,
            "english_stem": {"type": "stemmer", "language": "english"},
        },
        "analyzer": {
            "std": _custom("standard", "lowercase", "asciifolding"),
            "en": _custom(
                "standard", "english_possessive", "lowercase", "english_stop", "asciifolding", "english_stem"
            ),
            "ko": _custom("korean", "korean_parts", "nori_readingform", "homonyms", "lowercase", "asciifolding"),
            "cjk": _custom("standard", "cjk_width", "lowercase", "cjk_bigram", characters=("join_syllables",)),
        },
    }


def _replaced(pattern: str, replacement: str) -> dict[str, str]:
    return {"type": "pattern_replace", "pattern": pattern, "replacement": replacement}


# Spaces between two Hangul syllables go, so that a text and a query with different spacing yield the same pairs.
_JOIN_SYLLABLES = _replaced(r"(?<=[\uAC00-\uD7A3])\s+(?=[\uAC00-\uD7A3])", "")


# In the server's form of a rule, in which a backslash and an arrow have a meaning. What asks for a picture in colours
# goes: the same heart is typed with it and without.
_AS_A_PICTURE = "\\uFE0F => "
_COMPATIBILITY = {
    "type": "mapping",
    "mappings": [
        _AS_A_PICTURE,
        *(f"{one} => {other}" for one, other in RULES.items() if not set(other) & set("\\=> ")),
    ],
}

# Names and numbers that a tokenizer would cut or strip: C++, C#, .NET, 8,000. What is rare in a text stands first in
# each pattern, since it is looked for at every character.
_NAMES = {
    "plus_plus": _replaced(r"\+\+(?<=(?<![\p{L}\p{N}_])[A-Za-z]{1,2}\+\+)(?![+A-Za-z])", "plusplus"),
    "sharp": _replaced(r"#(?<=(?<![\p{L}\p{N}_])[A-Za-z]#)(?![#\p{N}A-Za-z])", "sharp"),
    "dot_net": _replaced(r"\.(?<=(?<![\p{L}\p{N}_.])\.)(?=(?i:net)(?![\p{N}A-Za-z_]))", "dot"),
    "thousands": _replaced(r",(?<=(?<![0-9,.])[0-9]{1,3}(?:,[0-9]{3}){0,4},)(?=[0-9]{3}(?![0-9]))", ""),
}

# Of words that the dictionary has twice, Lucene 8's nori gives some with their number in it: 정진7.
_HOMONYMS = {"type": "pattern_replace", "pattern": "^([\\uAC00-\\uD7A3]+)[0-9]+$", "replacement": "$1"}


def _custom(tokenizer: str, *filters: str, characters: tuple[str, ...] = ()) -> dict[str, Any]:
    before = ["compatibility", *_NAMES, *characters]
    return {"type": "custom", "tokenizer": tokenizer, "char_filter": before, "filter": list(filters)}

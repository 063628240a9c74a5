"""The language of the search box: words, "phrases", -exclusions, and site:, tag:, author: with a word or a phrase.

Every text is a valid query: what has no meaning (an open quotation, an operator without a value) is read as words or
left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass
from functools import lru_cache

from riverline.parsing.language.normalization import shown
from riverline.search import addresses
from riverline.search.analysis.compatibility import folded
from riverline.search.analysis.writing_systems import says_something

MOST_WORDS = 64  # different ones that say something, and as many that do not; each is read as often as it is said
MOST_TERMS = 32  # in phrases, exclusions and fields; what comes after them is not read
MOST_PARTS = 512  # that the words may become in the index: the server takes 1024 of one query
CHEAP_TERMS, CHEAP_LETTERS = 6, 40
LONGEST_TERM = 64  # letters of a word that are read, addresses apart

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»「」『』＂", '"'))
# What the index holds of a text: letters, digits, emoji.
_FOUND = re.compile(r"[^\W_]|[\u2300-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]")
# A minus excludes at the beginning of a term alone, and one alone: `--drafts` is the name of an option.
_TERM = re.compile(
    r'(?P<minus>(?<!\S)-(?!-))?(?:(?P<field>site|tag|author):)?(?:"(?P<phrase>[^"]*)"|"?(?P<word>[^\s"]+))',
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Words:
    """What was asked for, taken apart."""

    words: tuple[str, ...] = ()  # as often as they are said
    phrases: tuple[str, ...] = ()
    without: tuple[str, ...] = ()  # words and phrases that must not occur
    sites: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    without_sites: tuple[str, ...] = ()
    without_tags: tuple[str, ...] = ()
    without_authors: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()  # the beginning of what was typed, where none of it can be looked for: `?`

    @property
    def is_cheap(self) -> bool:
        """Whether it may be asked for unasked, again and again: few words, and no text in the place of one."""
        said = " ".join(text for texts in astuple(self) for text in texts)
        return len(said.split()) <= CHEAP_TERMS and len(said) <= CHEAP_LETTERS

    @property
    def text(self) -> str:
        """The words and phrases that are looked for, as one text."""
        return " ".join((*self.words, *self.phrases))


@lru_cache(maxsize=256)
def words(text: str) -> Words:
    """The words of a query. Never raises. Hangul in separate letters is composed (NFC), as the index has it; markup
    is gone, and full-width letters and units of one character are as others write them."""
    said: list[str] = []
    found: dict[str, list[str]] = {}
    composed, left = _composed(text), MOST_TERMS
    for match in _TERM.finditer(composed):
        where, value = _placed(match)
        if value and where == "words":
            said.append(value)
        elif left and value and value not in found.setdefault(where, []):
            terms = value.split()[:left]
            found[where].append(" ".join(terms))
            left -= len(terms)
    unread = () if said or any(found.values()) else tuple(composed.split()[:1])
    return Words(tuple(_affordable(said)), **{where: tuple(values) for where, values in found.items()}, unread=unread)


def _affordable(said: Iterable[str]) -> Iterator[str]:
    """The words up to what a query may cost. One without spaces, as Chinese and Japanese are written, is many parts."""
    telling: set[str] = set()
    others: set[str] = set()
    left = MOST_PARTS
    for word in said:
        held = telling if says_something(word) else others
        parts = 1 if word.isascii() and word.isalnum() else len(word)
        if parts <= left and (word in held or len(held) < MOST_WORDS):
            held.add(word)
            left -= parts
            yield word


def respelled(text: str, others: Mapping[str, str]) -> str:
    """The query with other words in the place of its own, wherever they stand by themselves: what is part of another
    word, of a phrase, an exclusion or a field's value stays."""

    def placed(match: re.Match[str]) -> str:
        where, value = _placed(match)
        if where != "words" or value not in others:
            return match[0]
        start, end = (at - match.start() for at in match.span("word"))
        return match[0][:start] + others[value] + match[0][end:]

    return _TERM.sub(placed, _composed(text))


def _composed(text: str) -> str:
    return folded(shown(text).translate(_QUOTES))


def _placed(match: re.Match[str]) -> tuple[str, str]:
    """The attribute of Words that a term belongs to, and its value; an empty value says nothing."""
    field = (match["field"] or "").lower()
    terms = (match["phrase"] if match["phrase"] is not None else match["word"]).split()
    value = " ".join(terms if field else [_read(term) for term in terms])
    if not _FOUND.search(value):
        return "words", ""
    prefix = "without" if match["minus"] else ""
    if field:
        return f"{prefix}_{field}s".lstrip("_"), addresses.host(value) if field == "site" else value
    return prefix or ("phrases" if match["phrase"] is not None else "words"), value


def _read(term: str) -> str:
    return term if addresses.is_address(term) else term[:LONGEST_TERM]

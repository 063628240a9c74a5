"""The language of the search box: words, "phrases", -exclusions, and site:, tag:, author: with a word or a phrase.

Every text is a valid query: what has no meaning (an open quotation, an operator without a value) is read as words or
left out.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

MOST_OF_A_KIND = 32  # words, phrases, sites, …; what comes after them is not read

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»「」『』＂", '"'))
# A minus excludes at the beginning of a term alone, and one alone: `--drafts` is the name of an option.
_TERM = re.compile(
    r'(?P<minus>(?<!\S)-(?!-))?(?:(?P<field>site|tag|author):)?(?:"(?P<phrase>[^"]*)"|"?(?P<word>[^\s"]+))',
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Words:
    """What was asked for, taken apart."""

    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    without: tuple[str, ...] = ()  # words and phrases that must not occur
    sites: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    without_sites: tuple[str, ...] = ()
    without_tags: tuple[str, ...] = ()
    without_authors: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The words and phrases that are looked for, as one text."""
        return " ".join((*self.words, *self.phrases))


def words(text: str) -> Words:
    """The words of a query. Never raises. Hangul in separate letters is composed (NFC), as the index has it."""
    found: dict[str, list[str]] = {}
    for match in _TERM.finditer(unicodedata.normalize("NFC", text.translate(_QUOTES))):
        where, value = _placed(match)
        if value and value not in found.setdefault(where, []):
            found[where].append(value)
    return Words(**_limited(found))


def _placed(match: re.Match[str]) -> tuple[str, str]:
    """The attribute of Words that a term belongs to, and its value; an empty value says nothing."""
    field = (match["field"] or "").lower()
    value = " ".join((match["phrase"] if match["phrase"] is not None else match["word"]).split())
    if not any(c.isalnum() for c in value):
        return "words", ""
    prefix = "without" if match["minus"] else ""
    if field:
        return f"{prefix}_{field}s".lstrip("_"), _site(value) if field == "site" else value
    return prefix or ("phrases" if match["phrase"] is not None else "words"), value


def _site(value: str) -> str:
    """A host out of what people write after `site:`, be it an address."""
    return value.lower().removeprefix("https://").removeprefix("http://").removeprefix("www.").split("/")[0]


def _limited(found: dict[str, list[str]]) -> dict[str, Any]:
    return {where: tuple(values[:MOST_OF_A_KIND]) for where, values in found.items()}

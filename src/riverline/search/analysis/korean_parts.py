"""The parts that nori cuts a Korean word into: which are nouns, and whether they make a known word. Pure.

Tags are those of mecab-ko-dic, as nori names them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KoreanPart:
    """A piece of a word, and its tag (NNG, J, E, VV, …)."""

    text: str
    tag: str


NOUNS = frozenset(("NNG", "NNP", "XR", "SL"))
PARTICLE = "J"
# One letter a part: L a noun of several syllables, N one of a single one, n a counter, p a pronoun or numeral, V a verb
# or adjective, v a suffix that makes one of a noun, c the copula, e an ending, x a suffix, j a particle, m a modifier.
_LETTERS = {
    **dict.fromkeys(("NNB", "NNBC"), "n"),
    **dict.fromkeys(("NP", "NR"), "p"),
    **dict.fromkeys(("VV", "VA", "VX", "VCN"), "V"),
    **dict.fromkeys(("XSV", "XSA"), "v"),
    **dict.fromkeys(("MAG", "MAJ", "MM", "IC"), "m"),
    "VCP": "c",
    "E": "e",
    "XSN": "x",
    "J": "j",
}
# A noun alone, or several of which none is a single syllable (typing errors fall apart into those), with what may
# follow; a verb with endings; a modifier. What looks like `noun + verb` is as likely an error.
_KNOWN = re.compile(r"(?:(?:N|L+x?)(?:[vc]e+)?j*|[pn]j*|m|(?:Ve+)+j*|pc?e*j*)")


def nouns(parts: Sequence[KoreanPart]) -> list[str]:
    """Its nouns, without what is attached to them."""
    return [part.text for part in parts if part.tag in NOUNS]


def with_particle(parts: Sequence[KoreanPart]) -> str:
    """The noun of a word that is nothing but one with its particle; empty for others."""
    return parts[0].text if len(parts) == 2 and parts[0].tag in NOUNS and parts[1].tag == PARTICLE else ""


def is_known(parts: Sequence[KoreanPart]) -> bool:
    """If the parts make a word."""
    return bool(_KNOWN.fullmatch("".join(map(_letter, parts))))


def _letter(part: KoreanPart) -> str:
    if part.tag in NOUNS:
        return "L" if len(part.text) > 1 else "N"
    return _LETTERS.get(part.tag, "?")

"""Which copies of a text are found to be near it, by what was done to them. No servers.

    python -m bench.near_copies [--archive DIR]

Texts are those of the demo web's pages and, with `--archive`, of an archive's (manifest.json, see bench/extraction.py),
cut to 60 and to 150 words. A copy is found if it shares a band with its text and is near enough, as for groups of
results; the last column counts neighbours in the list that are taken for copies of each other, which none is.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from bench.extraction import read
from riverline.errors import Invalid
from riverline.parsing.near_duplicates import are_near, bands, signature, similarity
from riverline.parsing.parse import parse
from riverline.search.analysis.writing_systems import has_hangul
from tests.support.typed_queries import documents

LENGTHS, MOST = (60, 150), 150  # words, texts of a language
LINES = [
    "홈",
    "뉴스",
    "로그인",
    "회원가입",
    "많이",
    "본",
    "뉴스",
    "all",
    "rights",
    "reserved",
    "contact",
    "about",
    "privacy",
    "terms",
]
Copy = Callable[[list[str], random.Random], list[str]]


def replaced(share: float) -> Copy:
    def copy(words: list[str], chance: random.Random) -> list[str]:
        chosen = {*chance.sample(range(len(words)), max(1, int(len(words) * share)))}
        other = {True: "바뀐말", False: "changed"}
        return [other[has_hangul(word)] if place in chosen else word for place, word in enumerate(words)]

    return copy


def without(share: float) -> Copy:
    def copy(words: list[str], chance: random.Random) -> list[str]:
        length = int(len(words) * share)
        start = chance.randrange(len(words) - length)
        return words[:start] + words[start + length :]

    return copy


def respaced(words: list[str], chance: random.Random) -> list[str]:
    """A third of the Korean words written together with the one before, and a third of the others as two."""
    made: list[str] = []
    for word in words:
        if has_hangul(word) and made and chance.random() < 1 / 3:
            made[-1] += word
        elif has_hangul(word) and len(word) > 3 and chance.random() < 1 / 3:
            made += [word[:2], word[2:]]
        else:
            made.append(word)
    return made


COPIES: dict[str, Copy] = {
    "1% of the words": replaced(0.01),
    "2%": replaced(0.02),
    "5%": replaced(0.05),
    "a tenth left out": without(0.1),
    "a fifth": without(0.2),
    "other spacing": respaced,
    "lines of a site around": lambda words, _: [*LINES, *words, *LINES],
}


def near(one: str, other: str) -> bool:
    own, others = signature(one), signature(other)
    return bool({*bands(own)} & {*bands(others)}) and are_near(own, others, similarity(own, others))


def texts(archive: Path | None) -> Iterator[str]:
    yield from (document.body for document in documents())
    for sample in read(archive) if archive else ():
        try:
            yield parse(sample.page).text
        except Invalid:
            continue


def row(name: str, found: Sequence[list[str]]) -> str:
    shares = []
    for copy in COPIES.values():
        chance = random.Random(1)
        shares.append(sum(near(" ".join(words), " ".join(copy(words, chance))) for words in found) / len(found))
    wrong = sum(near(" ".join(one), " ".join(other)) for one, other in pairwise(found))
    return f"| {name} | {len(found)} | {' | '.join(f'{share:.2f}' for share in shares)} | {wrong} |"


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--archive", type=Path)
    split = [text.split() for text in dict.fromkeys(texts(parser.parse_args().archive))]
    print(f"| texts | number | {' | '.join(COPIES)} | wrong |")
    print("|---" * (len(COPIES) + 3) + "|")
    for length in LENGTHS:
        for language, is_korean in (("Korean", True), ("others", False)):
            whole = [words for words in split if len(words) >= length and has_hangul(" ".join(words)) is is_korean]
            if found := [words[:length] for words in whole[:MOST]]:
                print(row(f"{language}, {length} words", found), flush=True)


if __name__ == "__main__":
    main()

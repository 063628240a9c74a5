"""Collections for bench.relevance whose answers are known: a page is looked for by its title or by words of its own.

    python -m bench.known_items FOLDER [--archive ARCHIVE] [--seed 1]

They are made of the demo web's pages and of an archive's (a folder with manifest.json, as bench.extraction reads it),
English and Korean apart, and both in one collection (mixed): each a folder below FOLDER, named after its source, its
language, what is asked and of which documents. The same pages and the same seed make the same. Where fewer than eight
queries can be made none is.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from random import Random

from bench import extraction
from bench.judged import Collection
from demo.sites import LISTED
from demo.web import Web
from riverline.errors import Invalid
from riverline.model import Page
from riverline.parsing.language.detection import language
from riverline.parsing.parse import parse
from riverline.search.analysis.writing_systems import has_hangul

LANGUAGES = ("en", "ko")
MIXED = "mixed"  # the pages of all languages
SHORTEST_PAGE, SHORTEST_SENTENCE, ASKED_SENTENCE = 200, 15, range(26, 200)  # characters
FEWEST_WORDS = 5  # of a sentence that words are taken from
MOST_DOCUMENTS, MOST_QUERIES, FEWEST_QUERIES = 2_500, 90, 8  # of a collection
FEW = 0.25  # of the documents: more do not hold a rarer word; in small collections four documents may
SENTENCE_END = re.compile(r"\n|(?<=[.!?。])\s+")
WORD = re.compile(r"\w(?:[\w'-]*\w)?")
OPERATORS = re.compile(r'["“”„‟«»「」『』＂]|(?<!\S)-+')  # what a search box takes for more than words
QUESTIONS = {False: "what do you know about {} and how does it work?", True: "{} 관련하여 알려 주세요 어떻게 하나요?"}


@dataclass(frozen=True, slots=True)
class Text:
    """A page, or a piece of one, which has no title."""

    id: str
    title: str
    text: str


Rarer = frozenset[str]  # the words, in lower case, that more than one document of a collection holds, but few
Asking = Callable[[Random, Text, Rarer], str]  # a query that the text answers; "" where it has none of this kind
Cutting = Callable[[Text], Iterable[Text]]  # the documents that are made of a page
Kinds = Mapping[str, tuple[Asking, tuple[str, ...]]]  # by name: what is asked, and of which documents


def sentences(text: str) -> list[str]:
    return [one for part in SENTENCE_END.split(text) if len(one := part.strip()) >= SHORTEST_SENTENCE]


def title(_random: Random, asked: Text, _rarer: Rarer) -> str:
    return OPERATORS.sub(" ", asked.title).strip() if len(WORD.findall(asked.title)) > 1 else ""


def sentence(random: Random, asked: Text, _rarer: Rarer) -> str:
    found = [one for one in sentences(asked.text) if len(one) in ASKED_SENTENCE]
    return OPERATORS.sub(" ", random.choice(found)).strip() if found else ""


def any_words(random: Random, asked: Text, _rarer: Rarer) -> str:
    """Three or four words of one sentence, in any order."""
    return " ".join(some(random, words_of_one(random, asked), 3, 4))


def neighbours(random: Random, asked: Text, _rarer: Rarer) -> str:
    """Four words that follow each other in a sentence."""
    found = words_of_one(random, asked)
    start = random.randrange(max(1, len(found) - 3))
    return " ".join(found[start : start + 4])


def unspaced(random: Random, asked: Text, rarer: Rarer) -> str:
    """Four neighbouring words without the spaces, where there is Korean among them."""
    found = neighbours(random, asked, rarer)
    return found.replace(" ", "") if has_hangul(found) else ""


def rarer_words(random: Random, asked: Text, rarer: Rarer, least: int = 3, most: int = 5) -> str:
    return " ".join(some(random, told(asked, rarer), least, most))


def question(random: Random, asked: Text, rarer: Rarer) -> str:
    found = rarer_words(random, asked, rarer)
    return QUESTIONS[has_hangul(found)].format(found) if found else ""


def joined(random: Random, asked: Text, rarer: Rarer) -> str:
    """Two rarer Korean words as one."""
    return "".join(some(random, [word for word in told(asked, rarer) if has_hangul(word)], 2, 2))


def frequent(_random: Random, asked: Text, rarer: Rarer) -> str:
    """The one of the rarer words that the text says most often."""
    return next(iter(told(asked, rarer)), "")


def words_of_one(random: Random, asked: Text) -> list[str]:
    """The words of one sentence; none where all are too short."""
    found = [words for one in sentences(asked.text) if len(words := WORD.findall(one)) >= FEWEST_WORDS]
    return random.choice(found) if found else []


def told(asked: Text, rarer: Rarer) -> list[str]:
    """The rarer words of a text, each once, most frequent first."""
    counts = Counter(word for word in WORD.findall(asked.text) if word.lower() in rarer)
    return [word for word, _ in counts.most_common()]


def some(random: Random, found: Sequence[str], least: int, most: int) -> list[str]:
    count = random.randint(least, most)
    return random.sample(found, count) if len(found) >= count else []


def pieces(page: Text, size: int) -> Iterator[Text]:
    """The page's sentences, so many at a time; each text once."""
    parts = sentences(page.text)
    texts = dict.fromkeys(" ".join(parts[start : start + size]) for start in range(0, len(parts), size))
    return (Text(f"{page.id}-{number}", "", text) for number, text in enumerate(texts))


CUTTINGS: dict[str, Cutting] = {
    "pages": lambda page: [page],
    "untitled": lambda page: [replace(page, title="")],
    "passages": partial(pieces, size=3),
    "sentences": partial(pieces, size=1),
}
KINDS: Kinds = {
    "title": (title, ("pages", "untitled", "passages", "sentences")),
    "sentence": (sentence, ("pages",)),
    "any-words": (any_words, ("pages", "untitled", "passages")),
    "rarer-words": (rarer_words, ("untitled", "passages")),
    "two-or-three-words": (partial(rarer_words, least=2, most=3), ("sentences",)),
    "question": (question, ("pages", "passages")),
    "frequent-word": (frequent, ("pages",)),
    "neighbours": (neighbours, ("pages",)),
    "unspaced": (unspaced, ("pages", "passages")),
    "joined": (joined, ("untitled",)),
}
MIXED_KINDS: Kinds = {
    "title": (title, ("pages",)),
    "any-words": (any_words, ("pages", "passages")),
    "rarer-words": (rarer_words, ("passages",)),
    "question": (question, ("passages",)),
}


def rarer_of(texts: Sequence[Text]) -> Rarer:
    holders = Counter(word for one in texts for word in {word.lower() for word in WORD.findall(one.text)})
    most = max(4.0, len(texts) * FEW)
    return frozenset(word for word, n in holders.items() if 1 < n <= most and len(word) > 1 and not word.isdigit())


def collection(pages: Sequence[Text], asking: Asking, cutting: Cutting, random: Random) -> Collection:
    """A title asks for all that was made of its page, anything else for the document that its words were taken from."""
    held = [(page, document) for page in pages for document in cutting(page)]
    held = random.sample(held, min(len(held), MOST_DOCUMENTS))
    rarer = rarer_of([document for _, document in held])
    answers: dict[Text, dict[str, int]] = {}
    for page, document in held:
        answers.setdefault(page if asking is title else document, {})[document.id] = 1
    made = Collection({document.id: asdict(document) for _, document in held}, {}, {})
    for one, judged in answers.items():
        if len(made.queries) < MOST_QUERIES and (query := asking(random, one, rarer)):
            made.queries[one.id], made.judged[one.id] = query, judged
    return made


def collections(pages: Sequence[Text], seed: str, kinds: Kinds = KINDS) -> Iterator[tuple[str, Collection]]:
    """All of those kinds that can be made of the pages, by name; each has random numbers of its own."""
    for name, (asking, documents) in kinds.items():
        for cut in documents:
            made = collection(pages, asking, CUTTINGS[cut], Random(f"{seed} {name} {cut}"))
            if len(made.queries) >= FEWEST_QUERIES:
                yield f"{name}-{cut}", made


def by_language(fetched: Iterable[Page]) -> dict[str, list[Text]]:
    """What pages say that are long enough, each text once."""
    found: dict[str, dict[str, Text]] = {one: {} for one in LANGUAGES}
    for number, page in enumerate(fetched):
        try:
            parsed = parse(page)
        except Invalid:
            continue
        spoken, opening = language(parsed.text, parsed.language), "".join(parsed.text.split())[:300]
        if spoken in found and len(parsed.text) >= SHORTEST_PAGE:
            found[spoken].setdefault(opening, Text(str(number), parsed.title, parsed.text))
    apart = {spoken: list(texts.values()) for spoken, texts in found.items()}
    return {**apart, MIXED: [text for texts in apart.values() for text in texts]}


def demo_pages() -> Iterator[Page]:
    """The demo web's pages but for its lists, as the crawler would deliver them."""
    for one in Web().resources.values():
        if one.kind in LISTED:
            declared, _, charset = one.content_type.partition("; charset=")
            yield Page(one.url, one.url, one.body, content_type=declared, charset=charset)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--archive", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    sources: dict[str, Iterable[Page]] = {"demo": demo_pages()}
    if options.archive:
        sources["archive"] = (sample.page for sample in extraction.read(options.archive))
    for source, fetched in sources.items():
        for spoken, pages in by_language(fetched).items():
            kinds = MIXED_KINDS if spoken == MIXED else KINDS
            for kind, made in collections(pages, f"{options.seed} {source} {spoken}", kinds):
                name = f"{source}-{spoken}-{kind}"
                made.write(options.folder / name)
                print(f"{name}: {len(made.docs)} documents, {len(made.queries)} queries")


if __name__ == "__main__":
    main()

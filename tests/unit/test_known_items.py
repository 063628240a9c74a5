"""Collections whose answers are known: what is asked stands in what is judged."""

import re
from random import Random

import pytest

from bench.judged import Collection
from bench.known_items import (
    CUTTINGS,
    FEWEST_QUERIES,
    KINDS,
    LANGUAGES,
    Text,
    by_language,
    collection,
    collections,
    demo_pages,
)

EVERY = [(spoken, kind, cut) for spoken in LANGUAGES for kind, (_, cuts) in KINDS.items() for cut in cuts]
KOREAN_ONLY = {"unspaced", "joined"}


@pytest.fixture(scope="module")
def pages() -> dict[str, list[Text]]:
    return by_language(demo_pages())


def letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text)


def holds(asked: str, text: str, kind: str) -> bool:
    if kind == "joined":
        return any(asked[:cut] in text and asked[cut:] in text for cut in range(1, len(asked)))
    if kind in ("title", "sentence", "neighbours", "unspaced"):
        return letters(asked) in letters(text)
    return all(word in text for word in asked.split())


@pytest.mark.parametrize(("spoken", "kind", "cut"), EVERY)
def test_every_judged_document_holds_what_was_asked(spoken: str, kind: str, cut: str, pages, monkeypatch) -> None:
    monkeypatch.setattr("bench.known_items.QUESTIONS", {False: "{}", True: "{}"})
    made = collection(pages[spoken], KINDS[kind][0], CUTTINGS[cut], Random(1))
    assert made.judged.keys() == made.queries.keys()
    assert (len(made.queries) >= FEWEST_QUERIES) is (spoken == "ko" or kind not in KOREAN_ONLY)
    titles = {page.id: page.title for page in pages[spoken]}
    for name, asked in made.queries.items():
        for doc in made.judged[name]:
            text = titles[doc.partition("-")[0]] if kind == "title" else made.docs[doc]["text"]
            assert holds(asked, text, kind), (asked, doc)


def test_a_title_asks_for_all_that_was_made_of_its_page(pages) -> None:
    made = collection(pages["ko"], KINDS["title"][0], CUTTINGS["sentences"], Random(1))
    assert sum(len(docs) for docs in made.judged.values()) == len(made.docs)


def test_documents_without_titles_have_none(pages) -> None:
    made = dict(collections(pages["en"], "1"))
    assert not any(doc["title"] for doc in made["title-untitled"].docs.values())
    assert all(doc["title"] for doc in made["title-pages"].docs.values())


def test_the_same_seed_makes_the_same_and_another_one_another(pages) -> None:
    first, again, other = (list(collections(pages["ko"][:20], seed)) for seed in ("1", "1", "2"))
    assert first == again
    assert first != other


def test_too_few_pages_make_nothing() -> None:
    few = [Text(str(n), f"On page {n}", f"This is the only sentence of page {n}.") for n in range(7)]
    assert not list(collections(few, "1"))
    assert not list(collections([], "1"))


def test_a_collection_is_read_as_it_was_written(pages, tmp_path) -> None:
    made = collection(pages["ko"], KINDS["title"][0], CUTTINGS["passages"], Random(1))
    made.write(tmp_path / "new")
    assert Collection.read(tmp_path / "new") == made

"""Two models as one: that of every language, and that of texts in Latin letters."""

from __future__ import annotations

import pytest

from riverline.model import Document
from riverline.search.semantic.by_script import ByScript, is_latin
from riverline.search.semantic.filling import VectorFilling
from riverline.search.semantic.likeness import likenesses
from riverline.testing.memory_vectors import MemoryVectors, WordEmbeddings


def model(name: str) -> WordEmbeddings:
    made = WordEmbeddings()
    made.name = name
    return made


BOTH = ByScript(model("every"), model("latin"))


@pytest.mark.parametrize(
    ("asked", "by"),
    [
        ("how much is a bus ticket", "latin"),
        ("Zürich", "latin"),
        ("버스 요금", "every"),
        ("Kafka 설정", "every"),
        ("東京", "every"),
        ("1400", "every"),
        ("", "every"),
    ],
)
def test_what_is_asked_in_latin_letters_is_for_one_and_the_rest_for_the_other(asked: str, by: str) -> None:
    assert BOTH.of_query(asked).model == by


@pytest.mark.parametrize(
    ("text", "latin"),
    [
        ("The fare is 1,400 won.", True),
        ("Das Haus an der Straße", True),
        ("Kafka를 설치하고 topic을 만드는 방법입니다", False),
        ("시내버스 요금", False),
        ("Цены на билеты", False),
        ("A long English text with one word of Korean, 버스, in it", True),
        ("1 2 3", False),
        ("", False),
    ],
)
def test_every_text_is_read_by_one_and_those_in_latin_letters_by_the_other_too(text: str, latin: bool) -> None:
    assert is_latin(text) is latin
    assert [*BOTH.of_document(text)] == (["every", "latin"] if latin else ["every"])


def test_a_question_in_korean_is_compared_with_english_pages_and_not_the_other_way() -> None:
    texts = {"english": "the bus fare", "korean": "버스 요금"}
    pages = [Document(name, "", "", "", body, "article", crawled_at=1) for name, body in texts.items()]
    store = MemoryVectors(pages)
    VectorFilling(store, BOTH, lambda: 0.0).turn()
    held = dict(zip(texts, store.vectors([change.id for change in store.changes("").texts]).values(), strict=True))
    assert likenesses(BOTH.of_query("버스 요금"), held) == pytest.approx({"english": 0.0, "korean": 1.0})
    assert likenesses(BOTH.of_query("the bus fare"), held) == pytest.approx({"english": 1.0})


def test_its_name_changes_with_each_model() -> None:
    names = {ByScript(model(one), model(other)).name for one in ("a", "b") for other in ("c", "d")}
    assert len(names) == 4

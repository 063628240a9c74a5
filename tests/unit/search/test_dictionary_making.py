"""How the dictionary comes from the index to every process."""

from dataclasses import dataclass, field
from threading import Event

import pytest

from riverline.errors import Transient
from riverline.model import Document
from riverline.search.analysis.korean_parts import KoreanPart, is_known, nouns, with_particle
from riverline.search.spelling import dictionary_making
from riverline.search.spelling.dictionary_making import RESTING, DictionaryMaking
from riverline.search.spelling.shared_dictionary import LOOK_SECONDS, SharedDictionary
from riverline.search.spelling.word_counts import Names, WordCounts, with_parts, words
from riverline.testing.memory_index import MemoryIndex
from riverline.testing.memory_key_value import MemoryKeyValue

NOW = 1_760_000_000_000


@dataclass
class Clock:
    """Goes on by so many seconds with each look."""

    step: float = 0.0
    now: float = 0.0

    def __call__(self) -> float:
        self.now += self.step
        return self.now


@dataclass
class Desk:
    index: MemoryIndex = field(default_factory=MemoryIndex)
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.key_value = MemoryKeyValue(self.clock)

    def put(self, name: str, title: str, body: str, at: int = NOW) -> None:
        self.index.write([Document(f"https://a.example/{name}", "a.example", title, "", body, "article", at)], [])
        self.index.refresh()

    def turn(self) -> str:
        return DictionaryMaking(self.index, self.key_value, self.clock, lambda: ["fork"]).turn()

    def dictionary(self):
        speller = SharedDictionary(lambda: self.key_value).fetch()
        return speller and speller.dictionary


@pytest.fixture
def desk():
    made = Desk()
    made.put("1", "River walk", "the river in the evening, 한강에서 10kg C++")
    made.put("2", "Boats", "a boat on the river")
    return made


def test_the_words_of_the_index_are_counted_those_of_titles_more_and_reach_every_process(desk):
    assert desk.turn() == "made"
    found = desk.dictionary()
    assert found.documents == 2
    assert {word: found.holding(word) for word in ("evening", "boat", "fork", "rivre")} == {
        "evening": 1,
        "boat": 1,
        "fork": 0,
        "rivre": None,
    }
    assert found.holding("walk") == 2  # no more than there are documents
    assert found.holding("한강") == 1 and found.holding("한강을") is None


def test_an_index_that_stays_is_not_read_again_and_one_that_changes_is(desk):
    desk.turn()
    desk.key_value.forget(RESTING)
    assert desk.turn() == "unchanged"
    desk.put("3", "Lanterns", "by the lake", NOW + 1)
    assert desk.turn() == "made"
    assert desk.dictionary().holding("lake") == 1


def test_an_index_that_changes_all_the_time_is_left_alone_after_each_reading(desk):
    desk.turn()
    desk.put("3", "Lanterns", "by the lake", NOW + 1)
    assert desk.turn() == "resting"
    desk.clock.now += dictionary_making.LEAST_REST_SECONDS
    assert desk.turn() == "made"


def test_a_large_index_is_read_in_turns(desk, monkeypatch):
    monkeypatch.setattr(dictionary_making, "PAGE", 1)
    desk.clock.step = dictionary_making.TURN_SECONDS
    turns = [desk.turn() for _ in range(3)]
    assert turns == ["reading", "reading", "made"]
    assert desk.dictionary().documents == 2


def test_what_redis_forgot_is_made_again(desk):
    desk.turn()
    desk.key_value.forget(dictionary_making.VERSION)
    assert desk.turn() == "made"


def test_a_process_has_no_dictionary_before_the_first_and_keeps_the_last_while_redis_is_away(desk):
    class Away:
        def get(self, _):
            raise Transient("redis: away")

    stores = [Away(), desk.key_value, Away()]
    clock = Clock()
    shared = SharedDictionary(lambda: stores[0], clock)
    assert shared.fetch() is None
    stores.pop(0)
    assert shared.fetch() is None
    desk.turn()
    first = shared.fetch()
    assert first is not None
    stores.pop(0)
    assert shared.fetch() is first


def test_nobody_who_searches_waits_for_a_dictionary(desk):
    desk.turn()
    there = Event()

    def slow():
        there.wait(10)
        return desk.key_value

    shared = SharedDictionary(slow, Clock(now=LOOK_SECONDS))
    assert shared.speller() is None
    there.set()
    shared.fetch()  # waits for the one that is under way
    assert shared.speller() is not None


def test_a_dictionary_of_another_form_is_made_anew_though_the_index_is_as_it_was(desk, monkeypatch):
    """As after an upgrade of a site that nothing is crawled for."""
    monkeypatch.setattr(dictionary_making, "FORM", 1)
    assert desk.turn() == "made"
    desk.key_value.forget(RESTING)
    assert desk.turn() == "unchanged"
    monkeypatch.undo()
    assert desk.turn() == "made"


def test_a_dictionary_of_another_version_is_not_read(desk):
    desk.turn()
    desk.key_value.put(dictionary_making.DICTIONARY, b"\x81\xa4form\x63", 60)
    assert desk.dictionary() is None


def test_words_are_folded_and_parted_by_digits_signs_and_writing():
    assert list(words("The Harbour's iPhone15용, 한강 a 北京 node.js")) == [
        *("the", "harbour", "iphone", "한강", "node", "js")
    ]


def test_a_word_counts_once_a_document():
    counted = WordCounts()
    counted.add(Names("1", (), ("river river", "river")))
    counted.add(Names("2", ("Boat",), ("boat river",)))
    assert counted.documents == 2 and counted.counts == {"river": 2, "boat": 10}


def test_korean_words_count_for_their_nouns_and_a_particle_for_nothing():
    bus = (KoreanPart("버스", "NNG"), KoreanPart("요금", "NNG"))
    counts = with_parts(
        {"버스요금": 2, "요금": 1, "요금을": 3}, {"버스요금": bus, "요금을": (bus[1], KoreanPart("을", "J"))}
    )
    assert counts == {"버스요금": 2, "버스": 2, "요금": 6}


def test_a_noun_of_one_syllable_is_spelled_with_its_particle():
    counts = with_parts({"답을": 3}, {"답을": (KoreanPart("답", "NNG"), KoreanPart("을", "J"))})
    assert counts == {"답을": 3, "답": 3}


@pytest.mark.parametrize(
    ("tagged", "known"),
    [
        *(("버스/NNG 요금/NNG", True), ("텀블러/NNG", True), ("도서/NNG 관/XSN", True), ("먹/VV 었/E 습니다/E", True)),
        *(("강/NNG 에서/J", True), ("조용/XR 하/XSA 던/E", True), ("그/NP 와/J", True), ("빨리/MAG", True)),
        *(("떡/MAG 볶/VV 기/E", False), ("컴/NNP 퓨/NNP 타/NNG", False), ("김치/NNG 찧/VV 게/E", False), ("", False)),
    ],
)
def test_parts_make_a_word_or_fall_apart(tagged, known):
    assert is_known([KoreanPart(*one.split("/")) for one in tagged.split()]) is known


def test_nouns_are_told_from_what_is_attached_to_them():
    parts = [KoreanPart("강", "NNG"), KoreanPart("에서", "J")]
    assert nouns(parts) == ["강"] and with_particle(parts) == "강"
    assert with_particle([KoreanPart("먹", "VV"), KoreanPart("는", "E")]) == ""

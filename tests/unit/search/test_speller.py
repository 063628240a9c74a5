"""What a word was meant to be, and what is never another one."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverline.errors import Invalid
from riverline.search.spelling.dictionary import made, packed, unpacked
from riverline.search.spelling.keys import HANGUL_KEYS, LATIN_KEYS, Writing, in_hangul, is_whole, keys, writing
from riverline.search.spelling.speller import Speller

KOREAN = {
    "떡볶이": 3,
    "컴퓨터": 20,
    "자전거": 12,
    "김치찌개": 6,
    "버스": 9,
    "요금": 8,
    "한강": 30,
    "공원": 25,
    "도서관": 7,
    "서울": 40,
    "여행": 15,
    "학교": 11,
    "날씨": 5,
    "기차": 2,
}
ENGLISH = {
    "running": 30,
    "shoes": 25,
    "river": 40,
    "lantern": 6,
    "receive": 50,
    "recieve": 1,
    "trail": 9,
    "backpack": 12,
    "accommodation": 5,
    "weather": 8,
    "hello": 3,
    "northfold": 4,
    "mountain": 18,
}
KNOWN = ("fork", "cork", "quantum", "lanterns")


@pytest.fixture(scope="module")
def speller():
    return Speller(made({**KOREAN, **ENGLISH}, 60, KNOWN))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        *(("runing", "running"), ("rnning", "running"), ("shoes", ""), ("lnatern", "lantern"), ("rivwr", "river")),
        *(("xunning", "running"), ("acomodation", "accommodation"), ("Montain", "mountain"), ("trailrunning", "")),
        *(("runningshoes", "running shoes"), ("떡볶기", "떡볶이"), ("컴퓨타", "컴퓨터"), ("컴퓨타를", "컴퓨터를")),
        *(("김치찌게", "김치찌개"), ("사울", "서울"), ("여핸", "여행"), ("햑교", "학교"), ("rlaclWlro", "김치찌개")),
        *(
            ("Rlaclwlro", ""),
            ("gksrkd", "한강"),
            ("ㅗ디ㅣㅐ", "hello"),
            ("ㄱㅑㅍㄷㄱ", "river"),
            ("qjtmdyrma", "버스요금"),
        ),
    ],
)
def test_what_was_meant(speller, typed, meant):
    expected = {"trailrunning": "trail running"}.get(typed, meant)
    assert speller.corrections([typed]) == ({typed: expected} if expected else {})


@pytest.mark.parametrize(
    "word",
    [
        *("recieve", "fork", "lanterns", "버스요금", "한강공원", "한강에서", "도서관들", "버스요금은", "자전거길"),
        *("10kg", "10㎏", "C++", "C#", "node.js", "a.example", "c", "F", "ai", "NASA", "k8s", "2026", "강", "a" * 33),
        *("서울river", "北京", "🎒", "--drafts"),
    ],
)
def test_what_is_right_is_never_another_word(speller, word):
    assert speller.is_right(word)
    assert speller.corrections([word]) == {}


def test_a_word_that_some_hold_is_another_one_only_where_that_is_far_more_frequent(speller):
    assert speller.proposals(["recieve", "shoes", "기차"]) == {"recieve": "receive"}
    assert speller.proposals(["fork"]) == {}


def test_eight_words_are_looked_at_and_the_same_are_wrong_beside_others(speller):
    words = ["runing", "shoess", *"abcdef", "rivwr"]
    assert speller.corrections(words) == {"runing": "running", "shoess": "shoes"}


def test_words_that_few_of_many_documents_hold_are_no_better():
    counts = {"river": 2, "mountain": 900}
    assert Speller(made(counts, 100_000)).corrections(["rivwr", "mountian"]) == {"mountian": "mountain"}


def test_a_key_that_was_left_out_is_likelier_than_one_for_another():
    words = Speller(made({"연장": 11, "연차": 11, "stone": 5, "some": 5}, 100))
    assert words.corrections(["연자"]) == {"연자": "연장"}
    assert words.corrections(["sone"]) == {"sone": "stone"}


@given(st.text(max_size=40))
def test_any_text_has_an_answer_and_what_it_names_is_in_the_dictionary(speller, text):
    for word, other in speller.corrections([text]).items():
        assert word == text and other != word
        assert all(speller.is_right(part) for part in other.split())


def test_one_wrong_key_of_a_word_without_near_ones_is_always_mended(speller):
    """Every error of one key in every word, but for those that are as near to another one."""
    random, wrong = Random(1), []
    for word in (*KOREAN, *(one for one in ENGLISH if one not in ("recieve", "receive"))):
        for _ in range(20):
            typed = _with_error(word, random)
            if keys(typed) != keys(word) and not speller.is_right(typed):
                found = speller.corrections([typed]).get(typed)
                wrong += [(word, typed, found)] if found != word else []
    assert wrong == []


def _with_error(word: str, random: Random) -> str:
    pressed, kind = keys(word), writing(word)
    alphabet = LATIN_KEYS if kind is Writing.LATIN else HANGUL_KEYS
    at, key = random.randrange(len(pressed)), random.choice(alphabet)
    before, own, after = pressed[:at], pressed[at], pressed[at + 1 :]
    made_of = random.choice((before + after, before + key + after, before + key + own + after))
    typed = made_of if kind is Writing.LATIN else in_hangul(made_of)
    return word if kind is Writing.HANGUL and not is_whole(typed) else typed


def test_a_dictionary_is_the_same_in_another_process(speller):
    dictionary = made({**KOREAN, **ENGLISH}, 60, KNOWN)
    other = unpacked(packed(dictionary))
    assert len(other) == len(dictionary) and other.documents == 60
    assert [other.holding(word) for word in (*KOREAN, *ENGLISH, *KNOWN, "none")] == [
        dictionary.holding(word) for word in (*KOREAN, *ENGLISH, *KNOWN, "none")
    ]


@pytest.mark.parametrize("blob", [b"", b"\x80", b"nonsense", b"\x81\xa4form\x63"])
def test_what_is_no_dictionary_is_refused(blob):
    with pytest.raises(Invalid):
        unpacked(blob)


SOUNDING = {"경복궁": 9, "부산": 7, "김치": 5, "kimchi": 2, "harbour": 8, "bulgogi": 3, "namdaemun": 4, "서울": 6}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        *(
            ("Gyeongbokgung", "경복궁"),
            ("kyongbokkung", "경복궁"),
            ("pusan", "부산"),
            ("BUSAN", "부산"),
            ("불고기", "bulgogi"),
        ),
        *(("남대문", "namdaemun"), ("kimchee", "kimchi"), ("seoul", ""), ("대문", "")),
    ],
)
def test_a_word_that_nothing_holds_is_looked_for_by_its_sound_in_the_other_writing(typed: str, meant: str) -> None:
    speller = Speller(unpacked(packed(made(SOUNDING, 60, ["대문", "불고기"]))))
    assert speller.corrections([typed]).get(typed, "") == meant


def test_what_documents_hold_is_not_looked_for_by_its_sound() -> None:
    speller = Speller(made({**SOUNDING, "busan": 1, "불고기": 1}, 60))
    assert speller.corrections(["busan", "불고기", "부산"]) == {}


def test_a_sound_that_too_few_documents_have_is_none() -> None:
    speller = Speller(made({"경복궁": 11, "부산": 2}, 100_000))
    assert speller.corrections(["gyeongbokgung", "pusan"]) == {"gyeongbokgung": "경복궁"}

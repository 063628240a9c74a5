"""Words of two writings that sound alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverline.search.spelling.sounds import romanised, sound

# Words of the standard's own chapters, and of maps and menus.
SPOKEN = {
    "백마": "baengma", "종로": "jongno", "왕십리": "wangsimni", "별내": "byeollae",
    "신라": "silla", "해돋이": "haedoji", "같이": "gachi", "좋고": "joko", "놓다": "nota", "잡혀": "japhyeo",
    "묵호": "mukho", "압구정": "apgujeong", "낙동강": "nakdonggang", "합정": "hapjeong", "팔당": "paldang",
    "독립문": "dongnimmun", "한라산": "hallasan", "속리산": "songnisan", "경복궁": "gyeongbokgung",
    "떡볶이": "tteokbokki", "김치": "gimchi", "막걸리": "makgeolli", "삼겹살": "samgyeopsal", "국밥": "gukbap",
    "읽어": "ilgeo", "앉아": "anja", "없이": "eopsi", "밖": "bak", "값": "gap", "영어": "yeongeo", "닭": "dak",
}  # fmt: skip


@pytest.mark.parametrize(("word", "said"), SPOKEN.items())
def test_a_korean_word_is_romanised_as_it_is_spoken(word: str, said: str) -> None:
    assert romanised(word) == said


@pytest.mark.parametrize(
    ("latin", "korean"),
    [
        *(("Pusan", "부산"), ("kimchee", "김치"), ("soondae", "순대"), ("Gyeongbokgung", "경복궁")),
        *(("Kyongbokkung", "경복궁"), ("bibimbap", "비빔밥"), ("pibimpap", "비빔밥"), ("makkolli", "막걸리")),
        *(("Hallasan", "한라산"), ("Shillim", "신림"), ("Jeonju", "전주"), ("Chonju", "전주"), ("hangul", "한글")),
        *(
            ("hangeul", "한글"),
            ("Taejon", "대전"),
            ("banana", "바나나"),
            ("Haeundae", "해운대"),
            ("Chungmuro", "충무로"),
        ),
    ],
)
def test_what_is_written_in_other_letters_sounds_alike(latin: str, korean: str) -> None:
    assert sound(latin) == sound(korean) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [("Busan", "부천"), ("Gimpo", "김포시"), ("harbour", "하버드"), ("sinchon", "인천")],
)
def test_other_words_do_not(one: str, other: str) -> None:
    assert sound(one) != sound(other)


@pytest.mark.parametrize("word", ["", "문", "moon", "서울", "burlee", "ㄱㄴㄷ", "abc가나", "山水画", "12345"])
def test_short_words_and_other_writings_have_no_sound(word: str) -> None:
    assert sound(word) == ""


@given(st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=2, max_size=12))
def test_a_romanised_word_sounds_as_it_did(word: str) -> None:
    said = romanised(word)
    assert said.isascii() and said.isalpha()
    assert sound(said) == sound(word)

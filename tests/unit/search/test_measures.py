"""Numbers with units."""

import pytest

from riverline.search.analysis.measures import alternatives


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("256GB", {"256GB": ["256기가바이트", "256기가"]}),
        ("256기가", {"256기가": ["256gb", "256기가바이트"]}),
        ("노트북 256 GB", {"256": ["256기가바이트", "256기가"], "GB": ["256기가바이트", "256기가"]}),
        ("1.5 리터", {"1.5": ["1.5l"], "리터": ["1.5l"]}),
        ("30℃ 날씨", {"30℃": ["30도"]}),
        ("50퍼센트", {"50퍼센트": ["50프로"]}),
        ("10kg 쌀", {"10kg": ["10킬로그램", "10킬로"]}),
    ],
)
def test_a_number_with_a_unit_has_the_units_other_names(text, others):
    assert alternatives(text.split()) == others


@pytest.mark.parametrize("text", ["2024년", "30도", "10", "쌀 kg", "v1.2", "10 쌀", "gb256", "3미터기", ""])
def test_other_words_have_none(text):
    assert alternatives(text.split()) == {}

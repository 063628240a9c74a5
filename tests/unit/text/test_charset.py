"""From bytes to text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverline.text.charset import codec, decoded

KOREAN = "아햏햏한 똠방각하의 하루"  # 햏, 똠 are in CP949 and not in EUC-KR


@pytest.mark.parametrize("label", ["euc-kr", "EUC_KR", "ks_c_5601-1987", "korean", "windows-949"])
def test_every_label_of_korean_means_cp949(label):
    assert codec(label) == "cp949"


def test_an_unknown_label_has_no_codec():
    assert codec("x-nobody-knows") == ""


def test_syllables_beyond_euc_kr_are_read_where_the_page_declares_euc_kr():
    body = f'<meta http-equiv="Content-Type" content="text/html; charset=euc-kr"><p>{KOREAN}'.encode("cp949")
    assert KOREAN in decoded(body)


def test_the_header_is_asked_before_the_page():
    body = f'<meta charset="iso-8859-1"><p>{KOREAN}'.encode("cp949")
    assert KOREAN in decoded(body, "euc-kr")


def test_a_byte_order_mark_is_asked_before_the_header():
    assert decoded(b"\xef\xbb\xbf" + KOREAN.encode(), "euc-kr") == KOREAN


def test_a_wrong_declaration_gives_way_to_bytes_that_are_utf_8():
    body = f'<meta charset="euc-kr"><p>{KOREAN} — “{KOREAN}”'.encode()
    assert KOREAN in decoded(body)


def test_a_page_without_any_declaration_is_guessed():
    text = "겨울 바다를 보러 강릉으로 떠난 기차 여행의 기록을 남긴다. " * 20
    assert text.strip() in decoded(text.encode("cp949"))


def test_one_broken_character_does_not_change_the_charset():
    text = decoded(("오늘의 날씨는 맑음 " * 100).encode() + b"\xed\x95")
    assert text.startswith("오늘의 날씨는 맑음")
    assert text.count("\ufffd") == 1


def test_utf_16_declared_in_a_page_that_could_be_read_is_not_believed():
    assert decoded(b'<meta charset="utf-16"><p>plain') == '<meta charset="utf-16"><p>plain'


def test_null_and_control_characters_are_taken_out():
    assert decoded(b"a\x00b\x1bc\td\n") == "abc\td\n"


@given(st.binary(max_size=2000), st.sampled_from(["", "utf-8", "euc-kr", "utf-16", "shift_jis", "x-unknown", "\x00"]))
def test_any_bytes_become_some_text(body, header):
    assert "\x00" not in decoded(body, header)

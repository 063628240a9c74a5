"""From bytes to text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverline.parsing.charset.decoding import codec, decoded

KOREAN = "아햏햏한 똠방각하의 하루"  # 햏, 똠 are in CP949 and not in EUC-KR


@pytest.mark.parametrize("label", ["euc-kr", "EUC_KR", "ks_c_5601-1987", "korean", "windows-949", "UHC"])
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


PROSE = "<p>The council met on Tuesday evening to speak of the bridge and of its road.</p>"
ACCENTS = "Minutes of the café: “yes”, said Zürich – it cost €5."


@pytest.mark.parametrize("length", [0, 3, 200])
@pytest.mark.parametrize("header", ["", "utf-8"])
def test_few_accents_in_a_long_page_do_not_make_it_utf_8(length, header):
    assert ACCENTS in decoded(f'<html lang="en"><p>{ACCENTS}</p>{PROSE * length}'.encode("cp1252"), header)


@pytest.mark.parametrize("header", ["", "iso-8859-1", "windows-1252", "windows-1251", "euc-kr", "shift_jis"])
def test_few_bad_bytes_do_not_take_utf_8_away(header):
    body = f"<p>{ACCENTS} {ACCENTS}</p>".encode() + b"\xe9" + PROSE.encode() + "é".encode()[:1]
    assert ACCENTS in decoded(body, header)


@pytest.mark.parametrize("header", ["iso-8859-1", "euc-kr", "windows-1251", "big5"])
def test_bytes_that_are_utf_8_are_that_whatever_the_header_says(header):
    assert KOREAN in decoded(f"<p>{KOREAN}".encode(), header)
    assert "café" in decoded('<meta charset="utf-8"><p>café'.encode(), header)


def test_a_word_of_two_bytes_a_character_that_is_utf_8_by_chance_is_read_as_declared():
    assert decoded(b"\xc7\xa5", "euc-kr") == "표"
    assert decoded(b"\xc7\xa5", "") != "표"


def test_a_servers_default_gives_way_to_two_bytes_a_character_that_the_page_declares():
    body = f'<meta charset="euc-kr"><p>{KOREAN}'.encode("cp949")
    assert KOREAN in decoded(body, "iso-8859-1")


@pytest.mark.parametrize("declaration", ["", '<meta charset="shift_jis">'])
def test_japanese_with_one_odd_pair_stays_japanese(declaration):
    body = f"{declaration}<p>昨夜の雨で川の水位".encode("cp932") + b"\x82\x21" + "が大きく上がった。".encode("cp932")
    assert "昨夜の雨で川の水位" in decoded(body)
    assert "が大きく上がった。" in decoded(body)


@pytest.mark.parametrize(
    ("text", "codec_name"),
    [
        ("안녕하세요 여러분", "cp949"),
        ("똠방각하의 긴 하루가 저물어 간다", "cp949"),
        ("日本語の文章です", "euc_jp"),
        ("日本語の文章です", "cp932"),
        ("日本語の文章です", "iso2022_jp"),
        ("昨天晚上下了一场大雨", "gb18030"),
        ("昨天晚上下了一場大雨", "big5"),
        ("Привет, мир", "cp1251"),
        ("Привет, мир", "koi8-r"),
        ("L’été à Orléans", "cp1252"),
        ("Καλημέρα σας", "cp1253"),
        ("Žluťoučký kůň úpěl ďábelské ódy", "cp1250"),
        ("Prix : 5 € seulement", "cp1252"),
        ("Heute 5 °C, morgen 7 °C, danach 9 °C", "cp1252"),
        ("It’s a naïve café", "cp1252"),
        ("El Niño", "cp1252"),
        ("The film™ — © 2024, 10 £", "cp1252"),
        ("Ñ", "cp1252"),
    ],
)
def test_short_bodies_without_a_declaration_are_guessed(text, codec_name):
    assert decoded(text.encode(codec_name)) == text


@pytest.mark.parametrize(
    ("language", "text", "codec_name"),
    [
        ("th", "แม่น้ำสูงขึ้น", "cp874"),
        ("pt", "Não há previsão", "cp1252"),
        ("pl", "Zażółć gęślą jaźń", "cp1250"),
        ("tr", "Güneş doğdu, şafak söktü", "cp1254"),
        ("cs", "kůň", "cp1250"),
        ("pl", "żółć", "cp1250"),
        ("ar", "سلام", "cp1256"),
        ("ko", "집", "cp949"),
        ("ja", "家", "cp932"),
        ("zh-TW", "首頁", "big5"),
        ("zh", "首页", "gb18030"),
    ],
)
def test_the_language_that_a_page_declares_helps_to_guess(language, text, codec_name):
    assert text in decoded(f'<html lang="{language}"><p>{text}'.encode(codec_name))


OLD_TEXTS = (
    ("fr", "L’été dernier, à Orléans, le café était fermé : « Où êtes-vous passés ? » demandait-on çà et là."),
    ("de", "Die Äpfel fielen früh in diesem Jahr, und die Bäuerin verkaufte süße Säfte über die Straße."),
    ("es", "El niño corrió mañana y tarde por la plaza; ¿quién lo vio? Según el señor Núñez, nadie."),
    ("sv", "På våren går åtta små båtar över sjön. Människor står på bryggan och väntar på färjan."),
    ("it", "Perché la città è così bella? Più di mille anni di storia, però nessuna novità."),
    ("en", "The café’s owner — a naïve man — said “yes” to the façade’s new colour. It’s his résumé."),
)


@pytest.mark.parametrize("codec_name", ["mac-roman", "cp850", "cp437", "cp1252"])
@pytest.mark.parametrize(("language", "text"), OLD_TEXTS)
def test_texts_of_old_machines_are_told_by_where_their_letters_stand(codec_name, language, text):
    if codec_name.startswith("cp") and codec_name != "cp1252":
        text = text.translate(str.maketrans("’“”—À", '\'""-A'))
    for declaration in ("", f"<html lang={language}>", '<html lang="en">'):
        for more in ("", PROSE * 30):
            assert text in decoded(f"{declaration}<p>{text}</p>{more}".encode(codec_name))


@pytest.mark.parametrize(
    ("language", "text", "codec_name"),
    [
        ("", "Žluťoučký kůň úpěl ďábelské ódy, a řeka šuměla pod mostem až do večera.", "cp1250"),
        ("sl", "Na reki je bilo veliko ljudi, ki so čakali na ladjo; življenje teče, še več pa pozneje.", "cp1250"),
        ("", "Güneş doğdu, şafak söktü; ırmağın kıyısında üç kişi bekliyordu, çünkü köprü kapalıydı.", "cp1254"),
    ],
)
def test_letters_of_other_alphabets_are_no_texts_of_old_machines(language, text, codec_name):
    assert text in decoded(f"<html lang={language}><p>{text}</p>".encode(codec_name))


@pytest.mark.parametrize("text", ["5 €", "naïve", "“quoted” and it’s long", "£5", "El Niño"])
def test_a_sign_in_a_long_text_is_read_as_browsers_read_it(text):
    assert text in decoded(f"{text} {'The harbour was built long ago. ' * 200}{text}".encode("cp1252"))


def test_what_was_pasted_into_a_page_of_utf_8_does_not_change_its_charset():
    assert "été" in decoded("été ".encode() + "mélangé".encode("cp1252"), "utf-8")


@pytest.mark.parametrize("name", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_known_by_its_markup(name):
    assert decoded(f"<p>{KOREAN}".encode(name)) == f"<p>{KOREAN}"


@given(st.binary(max_size=2000), st.sampled_from(["", "utf-8", "euc-kr", "utf-16", "shift_jis", "x-unknown", "\x00"]))
def test_any_bytes_become_some_text(body, header):
    assert "\x00" not in decoded(body, header)

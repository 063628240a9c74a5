"""From what a page says to the document."""

import pytest

from riverline.model import Page, Parsed
from riverline.parsing.fingerprint import text_digest
from riverline.parsing.keyphrases import keyphrases
from riverline.parsing.language.detection import detected, language, locale, normal
from riverline.parsing.tag import summary, tag

NOW = 1_760_000_000_000
KOREAN = (
    "밤사이 내린 비로 한강의 수위가 크게 올랐다. 한강 공원은 문을 닫았고 다리도 막혔다. 한강을 건너는 사람은 없었다. "
)
ENGLISH = "The river rose by two metres overnight, and the old bridge was closed to all traffic before dawn. "
PAGE = Page("http://www.gazette.example/a", "http://www.gazette.example/a", b"", fetched_at=NOW)


def document(page: Page = PAGE, **fields):
    return tag(Parsed(**{"url": page.url, "text": ENGLISH * 3, **fields}), page, NOW)


def test_a_korean_page_is_nine_hours_ahead_and_of_no_guessed_region():
    tagged = document(text=KOREAN * 3, published="2025-03-04T14:30:00")
    assert tagged.locale == "ko"
    assert tagged.created_at == 1_741_066_200_000  # 2025-03-04T05:30:00Z


def test_a_document_has_the_name_that_the_page_gives_its_site():
    assert (document(site_name="The Gazette").site_name, document().site_name) == ("The Gazette", "")


def test_the_region_of_another_language_is_not_the_texts():
    assert document(text=KOREAN * 3, language="en", region="US").locale == "ko"
    assert document(text=KOREAN * 3, language="ko", region="KR").locale == "ko-KR"


@pytest.mark.parametrize(
    ("text", "declared", "spoken"),
    [
        (KOREAN, "en", "ko"),
        ("강", "en-US", "ko"),
        ("강", "", "ko"),
        ("한강 공원의 하루를 담았다, a day in the park", "en", "ko"),
        ("Read more Samsung Galaxy Book Pro 한강 공원", "ko", "ko"),
        ("漢江 公園의 水位가 上昇했다", "", "ko"),
        ("昨夜の雨で川の水位が大きく上がった。", "en", "ja"),
        ("昨夜の雨で川の水位が大きく上がった。", "zh-CN", "ja"),
        ("昨天晚上下了一场大雨，河水上涨了两米", "en", "zh"),
        ("昨天晚上下了一场大雨，河水上涨了两米，老桥在天亮之前就被关闭了。" * 2, "ja", "zh"),
        ("你好", "ko", "zh"),
        ("東京都議会議員選挙結果発表", "", "ja"),
        ("選挙結果", "ja", "ja"),
        ("Привет", "en", "ru"),
        ("Привіт", "uk", "uk"),
        ("Вночі пройшов сильний дощ, і вода в річці піднялася на два метри, міст закрили.", "en", "uk"),
        ("Καλημέρα", "en", "el"),
        ("แม่น้ำสูงขึ้นสองเมตร", "en", "th"),
        ("OK", "ko", "ko"),
        (ENGLISH, "ko", "en"),
        ("Saya tidak tahu apa yang akan berlaku di sini kerana hujan lebat. " * 5, "en", "id"),
        ("Saya tidak tahu apa yang akan berlaku di sini kerana hujan lebat. " * 5, "ms", "ms"),
        ("Der Fluss stieg über Nacht um zwei Meter, und die alte Brücke wurde gesperrt.", "de", "de"),
    ],
)  # fmt: skip
def test_the_script_decides_before_the_declaration(text, declared, spoken):
    assert language(text, declared) == spoken


def test_a_declared_region_makes_the_locale():
    assert document(language="en", region="US").locale == "en-US"


def test_english_of_no_known_region_stays_english():
    assert document().locale == "en"


def test_a_country_domain_gives_the_region():
    page = Page("http://gazette.co.uk/a", "http://gazette.co.uk/a", b"", fetched_at=NOW)
    assert document(page).locale == "en-GB"


def test_a_date_in_the_future_gives_way_to_the_url():
    page = Page("http://a.example/2025/03/04/x", "http://a.example/2025/03/04/x", b"", fetched_at=NOW)
    assert document(page, published="2031-01-01").created_at == 1_741_046_400_000


def test_a_change_before_the_publication_is_left_out():
    assert document(published="2025-03-04", modified="2025-03-01").updated_at is None


def test_the_site_is_the_host_without_www():
    assert document().site == "gazette.example"


def test_the_digest_is_of_the_main_text():
    assert document().text_digest == text_digest(ENGLISH * 3)


def test_declared_tags_are_taken_before_key_phrases():
    assert document(tags=("river", "#River", "bridge")).tags == ("river", "bridge")


def test_a_list_has_no_key_phrases():
    assert document(kind="list").tags == ()


def test_a_summary_is_made_of_whole_sentences():
    assert summary("One. " + ENGLISH * 4).endswith("dawn.")


@pytest.mark.parametrize(
    ("declared", "read"),
    [
        ("ko_KR", ("ko", "KR")),
        ("en-us", ("en", "US")),
        ("kor", ("ko", "")),
        ("zh-Hant-TW", ("zh", "TW")),
        ("kr", ("ko", "")),
        ("", ("", "")),
        ("12", ("", "")),
    ],
)
def test_a_declaration_is_read_as_bcp_47(declared, read):
    assert normal(declared) == read


def test_a_text_that_is_surely_in_another_language_overrules_the_declaration():
    assert language(ENGLISH * 5, "ko") == "en"


@pytest.mark.parametrize(
    ("text", "declared", "spoken"),
    [
        ("Влада міста повідомила про будівництво нової дороги, яка буде завершена навесні за її планом.", "ru", "uk"),
        ("Власти города сообщили о строительстве дороги, и это были бы первые новые пути.", "uk", "ru"),
        (
            "Mesto oznámilo stavbu novej cesty, ktorá bude dokončená na jar, keď sa kôň vráti z diaľky a stĺpy.",
            "cs",
            "sk",
        ),
        ("Byen har meddelt, at en ny vej skal bygges og være færdig til foråret næste år.", "sv", "da"),
        ("Byen har kunngjort at en ny vei skal bygges og være ferdig til våren neste år.", "da", "da"),
        ("Gradske vlasti objavile su izgradnju nove ceste koja će biti završena na proljeće.", "bs", "bs"),
    ],
)
def test_letters_tell_sister_languages_apart_and_the_declaration_those_that_share_them(text, declared, spoken):
    assert language(text, declared) == spoken


def test_a_short_text_does_not_overrule_the_declaration():
    assert language("OK", "ko") == "ko"


def test_korean_that_quotes_english_stays_korean():
    assert detected(f"{KOREAN} {ENGLISH} {KOREAN}")[0] == "ko"


def test_a_text_without_letters_is_undetermined():
    assert locale(language("12 345 … 67", ""), "") == "und"


def test_korean_key_phrases_are_nouns_without_their_particles():
    assert keyphrases("한강 홍수", KOREAN * 2, "ko")[0] == "한강"


def test_english_key_phrases_hold_no_function_words():
    phrases = keyphrases("The old bridge", ENGLISH * 4, "en")
    assert "bridge" in phrases
    assert not {"the", "and", "by"} & {word.lower() for phrase in phrases for word in phrase.split()}


@pytest.mark.parametrize("spoken", ["ja", "und", ""])
def test_languages_without_a_method_have_no_key_phrases(spoken):
    assert keyphrases("title", ENGLISH * 4, spoken) == []

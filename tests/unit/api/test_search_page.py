"""The search page."""

import re

import pytest

from api.web.speech import words
from riverline.errors import Transient
from riverline.stores.memory import MemoryIndex
from tests.unit.api.conftest import DAY, NOW, document


def test_the_page_shows_results_with_the_words_marked(desk):
    desk.put(document())
    html = desk.get("/?q=river").get_data(as_text=True)
    assert '<a href="https://news.example/a" rel="noopener" data-place="1"><mark>River</mark> walk</a>' in html


def test_what_a_page_or_a_reader_wrote_stays_text(desk):
    desk.put(document(title="<script>alert(1)</script> river", author="<b>", tags=("<i>",)))
    html = desk.get("/?q=river+<script>alert(2)</script>").get_data(as_text=True)
    assert "<script>" not in html
    assert "<b>alert" not in html
    assert "<i>" not in html


def test_the_page_speaks_the_language_that_the_reader_prefers(desk):
    korean = desk.get("/?q=없는말", headers={"Accept-Language": "ko-KR,ko;q=0.9,en;q=0.8"})
    english = desk.get("/?q=absent", headers={"Accept-Language": "fr, en;q=0.5"})
    assert 'lang="ko"' in korean.get_data(as_text=True)
    assert "검색 결과가 없습니다" in korean.get_data(as_text=True)
    assert "Nothing found" in english.get_data(as_text=True)
    assert "Accept-Language" in korean.headers["Vary"]


def test_filters_and_the_next_page_are_links(desk):
    desk.put(*(document(f"/{n}", locale="ko-KR" if n % 2 else "en-GB") for n in range(12)))
    html = desk.get("/?q=river").get_data(as_text=True)
    assert 'href="/?q=river&amp;locale=ko-KR"' in html
    assert 'rel="next"' in html
    assert desk.get("/?q=river&locale=ko-KR").get_data(as_text=True).count("<article>") == 6


def test_a_link_with_a_broken_cursor_opens_the_first_page(desk):
    desk.put(document())
    answer = desk.get("/?q=river&cursor=broken&limit=7&colour=red")
    assert answer.status_code == 200
    assert "<article>" in answer.get_data(as_text=True)


class Away(MemoryIndex):
    """An index whose server does not answer."""

    def search(self, query, now_ms):
        raise Transient("away")


def test_an_index_that_is_away_is_said_on_the_page(desk):
    answer = desk.with_index(Away()).get("/?q=river")
    assert answer.status_code == 503
    assert 'role="alert"' in answer.get_data(as_text=True)


def test_a_language_that_was_chosen_stays(desk):
    answer = desk.get("/language?to=ko&back=/feed", headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/feed")
    assert 'lang="ko"' in desk.get("/", headers={"Accept-Language": "en"}).get_data(as_text=True)


@pytest.mark.parametrize("elsewhere", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x"])
def test_choosing_a_language_leads_nowhere_else(desk, elsewhere):
    assert desk.get("/language", query_string={"to": "ko", "back": elsewhere}).headers["Location"] == "/"


def test_a_click_on_a_later_page_knows_its_place(desk):
    desk.put(*(document(f"/{n}") for n in range(12)))
    html = desk.get("/?q=river").get_data(as_text=True)
    following = re.search(r'href="([^"]+)" rel="next"', html)[1].replace("&amp;", "&")
    assert 'data-place="11"' in desk.get(following).get_data(as_text=True)


def test_a_month_is_a_filter_with_both_its_ends(desk):
    desk.put(document("/a", created_at=NOW), document("/b", created_at=NOW - 60 * DAY))
    html = desk.get("/?q=river").get_data(as_text=True)
    assert "from=2025-10-01&amp;to=2025-11-01" in html
    assert desk.get("/?q=river&from=2025-10-01&to=2025-11-01").get_data(as_text=True).count("<article>") == 1


def test_a_videos_picture_is_shown_from_where_it_may_come_alone(desk):
    desk.put(
        document("/a", content_type="video", image="https://i.ytimg.com/vi/x/hq.jpg"),
        document("/b", content_type="video", image="https://elsewhere.example/x.jpg"),
    )
    answer = desk.get("/?q=river")
    assert "https://i.ytimg.com/vi/x/hq.jpg" in answer.get_data(as_text=True)
    assert "elsewhere.example" not in answer.get_data(as_text=True)
    assert "https://i.ytimg.com/" in answer.headers["Content-Security-Policy"]
    assert "ytimg" not in desk.get("/feed").headers["Content-Security-Policy"]


def test_results_of_another_spelling_say_so_and_lead_to_what_was_typed(desk):
    desk.put(*(document(f"/{n}") for n in range(4)))
    desk.index.spelled = lambda *_: "river"
    html = desk.get("/?q=rivver").get_data(as_text=True)
    assert "Showing results for <strong>river</strong>" in html
    assert 'href="/?q=rivver&amp;exact=true"' in html
    assert "Showing results for" not in desk.get("/?q=rivver&exact=true").get_data(as_text=True)


def test_both_languages_have_the_same_texts():
    english, korean = words("en"), words("ko")
    singular = {name for name in english if name.endswith("_one") and name not in korean}
    assert english.keys() - singular == korean.keys() - {name for name in korean if name.endswith("_one")} | {
        name for name in english.keys() & korean.keys() if name.endswith("_one")
    }
    for name in english.keys() & korean.keys():
        assert set(re.findall(r"{(\w+)}", english[name])) == set(re.findall(r"{(\w+)}", korean[name])), name

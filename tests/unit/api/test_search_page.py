"""The search page."""

from riverline.errors import Transient
from riverline.stores.memory import MemoryIndex
from tests.unit.api.conftest import document


def test_the_page_shows_results_with_the_words_marked(desk):
    desk.put(document())
    html = desk.get("/?q=river").get_data(as_text=True)
    assert '<a href="https://news.example/a" rel="noopener"><mark>River</mark> walk</a>' in html


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
    assert korean.headers["Vary"] == "Accept-Language"


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

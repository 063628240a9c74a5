"""The search page."""

import re
from dataclasses import replace
from html import unescape

import pytest

from riverline.errors import Transient
from riverline.search.query import Query
from riverline.search.results import Results
from riverline.testing.memory import MemoryIndex
from riverline_api.web.i18n import language_name, words
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


def test_a_result_says_the_name_of_its_site_where_the_page_gives_one(desk):
    desk.put(document("/a", site_name="<하버> 가제트"), document("/b"))
    where = re.findall(r'<p class="where">(.*?)</p>', desk.get("/?q=river").get_data(as_text=True))
    assert sorted(where) == ["<b>&lt;하버&gt; 가제트</b> news.example/a", "news.example/b"]
    assert {item["site_name"] for item in desk.get("/api/v1/search?q=river").json["items"]} == {"<하버> 가제트", ""}


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
    desk.learn()
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


def html_of(desk, path, language="en"):
    return unescape(desk.get(path, headers={"Accept-Language": language}).get_data(as_text=True))


def places(html):
    return [int(place) for place in re.findall(r'data-place="(\d+)"', html)]


def test_pages_have_numbers_and_each_result_is_on_one(desk):
    desk.put(*(document(f"/{n}") for n in range(34)))
    pages = [html_of(desk, f"/?q=river&page={number}") for number in (1, 2, 3, 4)]
    found = [re.findall(r'<h2><a href="([^"]+)"', html) for html in pages]
    assert [len(one) for one in found] == [10, 10, 10, 4]
    assert len({url for one in found for url in one}) == 34
    assert places(pages[3]) == [31, 32, 33, 34]
    assert 'href="/?q=river&page=4" rel="next"' in pages[2] and 'rel="next"' not in pages[3]


def test_a_page_beyond_the_last_one_says_so(desk):
    desk.put(*(document(f"/{n}") for n in range(12)))
    assert "There is no page 7." in html_of(desk, "/?q=river&page=7")
    assert len(places(html_of(desk, "/?q=river&page=nonsense"))) == 10


def test_later_pages_show_numbers_and_facets_too(desk):
    desk.put(*(document(f"/{n}", locale="ko-KR" if n % 2 else "en-GB") for n in range(24)))
    html = html_of(desk, "/?q=river&page=2")
    assert "24 results · 11 to 20" in html
    assert "<span>Korean (South Korea)</span> <b>12</b>" in html


def test_several_values_of_a_facet_can_be_chosen_and_taken_back(desk):
    for locale, count in (("ko-KR", 3), ("en-GB", 2), ("fr-FR", 4)):
        desk.put(*(document(f"/{locale}{n}", locale=locale) for n in range(count)))
    html = html_of(desk, "/?q=river&locale=ko-KR")
    assert "3 results" in html
    [other] = re.findall(r'<a href="([^"]+)"><span>French \(France\)</span> <b>4</b>', html)
    both = html_of(desk, other)
    assert "7 results" in both
    assert '<a href="/?q=river&locale=fr-FR" aria-current="true"><span>Korean (South Korea)</span> <b>3</b>' in both


def test_more_values_of_a_facet_are_a_click_away(desk):
    desk.put(*(document(f"/{n}", site=f"site{n}.example") for n in range(8)))
    assert "<summary>3 more" in html_of(desk, "/?q=river")


@pytest.mark.parametrize(("time", "count"), [("day", 1), ("week", 2), ("month", 3), ("year", 4)])
def test_a_time_narrows_to_what_was_published_in_it(desk, time, count):
    ages = (0.5, 5, 20, 200, 2000)
    desk.put(*(document(f"/{age}", created_at=NOW - int(age * DAY)) for age in ages), document("/undated"))
    assert len(places(html_of(desk, f"/?q=river&time={time}"))) == count
    assert f"Past {time}" in re.findall(r'<p class="chosen">.*?</p>', html_of(desk, f"/?q=river&time={time}"))[0]


def test_a_time_takes_the_place_of_days_and_they_of_it(desk):
    desk.put(document("/a", created_at=NOW), document("/b", created_at=NOW - 60 * DAY))
    assert 'href="/?q=river&time=week"' in html_of(desk, "/?q=river&from=2025-01-01&to=2025-11-01")
    [month] = re.findall(r'<a href="([^"]+)"[^>]*><span>October 2025', html_of(desk, "/?q=river&time=year"))
    assert "time=" not in month


@pytest.mark.parametrize(
    ("filters", "language", "words"),
    [
        ("from=2025-10-01&to=2025-11-01", "en", "October 2025"),
        ("from=2025-10-01&to=2025-11-01", "ko", "2025년 10월"),
        ("from=2025-10-03", "en", "from 3 Oct 2025"),
        ("to=2025-10-03", "en", "before 3 Oct 2025"),
        ("tag=walks", "en", "#walks"),
        ("locale=ko-KR", "ko", "한국어(대한민국)"),
        ("content_type=video", "en", "video"),
    ],
)
def test_filters_are_named_in_words(desk, filters, language, words):
    desk.put(document())
    [chips] = re.findall(r'<p class="chosen">.*?</p>', html_of(desk, f"/?q=river&{filters}", language))
    assert words in chips.replace("한국어 (", "한국어(")
    assert chips.count("<a ") == 1


def test_nothing_under_a_filter_says_how_many_there_are_without(desk):
    desk.put(*(document(f"/{n}") for n in range(3)))
    html = html_of(desk, "/?q=river&site=elsewhere.example")
    assert "Without the filters there are 3 results." in html
    assert 'href="/?q=river">Clear all' in html


def test_the_start_page_shows_what_the_reader_reads_first(desk):
    desk.put(document("/en", locale="en-GB", created_at=NOW), document("/ko", locale="ko-KR", created_at=NOW - DAY))
    assert html_of(desk, "/", "ko").index("/ko") < html_of(desk, "/", "ko").index("/en")
    assert html_of(desk, "/", "en").index('"https://news.example/en"') < html_of(desk, "/", "en").index('/ko"')


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_start_page_shows_what_is_kept_while_the_index_is_away(desk, language, monkeypatch):
    desk.put(document("/ko", locale="ko-KR"))
    assert "/ko" in html_of(desk, "/", language)
    monkeypatch.setattr(desk.index, "search", Away().search)
    answer = desk.get("/", headers={"Accept-Language": language})
    assert (answer.status_code, "/ko" in answer.get_data(as_text=True)) == (200, True)


def test_the_start_page_asks_no_search_twice_while_the_index_is_away(desk, monkeypatch):
    asked = []

    def search(query, now_ms):
        asked.append(query.locale)
        if query.locale:
            return Results((), 0)
        raise Transient("away")

    monkeypatch.setattr(desk.index, "search", search)
    assert desk.get("/", headers={"Accept-Language": "ko"}).status_code == 503
    assert asked == ["ko", ""]


def test_what_is_fresh_says_how_long_ago(desk):
    desk.put(document(created_at=NOW - 3 * DAY))
    assert ">3 days ago</time>" in html_of(desk, "/?q=river")


@pytest.mark.parametrize(
    ("summary", "shown"),
    [("River walk", None), ("River walk. By the quay.", "By the quay."), ("By the quay.", "By the quay.")],
)
def test_a_summary_does_not_repeat_the_title(desk, summary, shown):
    desk.put(document(summary=summary))
    assert re.findall(r'<p class="summary">(.*?)</p>', html_of(desk, "/?q=walk")) == ([shown] if shown else [])


def test_lists_are_shown_when_they_are_asked_for(desk):
    desk.put(document("/a"), document("/list", content_type="list"))
    assert "/list" not in html_of(desk, "/?site=news.example")
    assert 'href="https://news.example/list"' in html_of(desk, "/?site=news.example&content_type=list,feed")


def test_browsers_can_search_here_from_their_address_bar(desk):
    assert 'href="/opensearch.xml"' in html_of(desk, "/")
    answer = desk.get("/opensearch.xml", headers={"Host": "find.example", "X-Forwarded-Proto": "https"})
    assert answer.mimetype == "application/opensearchdescription+xml"
    assert 'template="https://find.example/?q={searchTerms}"' in answer.get_data(as_text=True)


def test_a_page_tells_others_what_it_is(desk):
    html = html_of(desk, "/?q=river")
    assert '<meta property="og:title" content="river · Riverline">' in html
    assert '<meta property="og:url" content="http://localhost/?q=river">' in html


@pytest.mark.parametrize(("locale", "name"), [("und", "not known"), ("zz-ZZ", "zz-ZZ"), ("en", "English")])
def test_a_language_is_named_as_what_it_is(locale, name):
    assert language_name("en", locale) == name


@pytest.mark.parametrize(("text", "said"), [("river+walk", "all of these words"), ("riverwalk", "the whole word")])
def test_it_is_said_when_pages_hold_less_than_was_asked_for(desk, text, said, monkeypatch):
    desk.put(document())
    asked = desk.index.search
    monkeypatch.setattr(desk.index, "search", lambda query, now_ms: replace(asked(Query("river"), now_ms), loose=True))
    assert f"Few pages contain {said}, so" in html_of(desk, f"/?q={text}")

"""Searches: what matches, in which order, page by page."""

import pytest

from riverline.model import Search
from riverline.search.autocomplete import letters
from riverline.search.query import Query, Sort
from riverline.search.statistics import QueryStatistics, Span
from tests.contract.index.subject import DAY, NOW, Subject


def test_all_of_two_words_must_occur_and_fewer_are_enough_only_when_little_is_found(subject: Subject) -> None:
    both, one = subject.document("/both", title="green turtle"), subject.document("/one", title="green whale")
    subject.put(both, one)
    assert subject.paths("green turtle", limit=1) == ["/both"]
    assert subject.find("green turtle", limit=1).total == 1
    assert subject.all_paths("green turtle", limit=2) == ["/both", "/one"]
    assert subject.find("green turtle", limit=2).loose


def test_another_spelling_is_found_beside_the_words(subject: Subject) -> None:
    subject.put(
        subject.document("/a", title="도서관 안내"),
        subject.document("/b", title="도서곤"),
        subject.document("/c", title="Turtles"),
    )
    assert sorted(subject.paths("도서곤", beside="도서관")) == ["/a", "/b"]
    assert subject.paths("도서곤 -도서관", beside="도서관 -도서관") == ["/b"]


def test_a_word_in_the_title_ranks_before_the_same_word_in_the_body(subject: Subject) -> None:
    subject.put(
        subject.document("/body", title="Something", body="it speaks of lanterns and of much else that is there"),
        subject.document("/title", title="Lanterns", body="it speaks of something else that is there, and of much"),
    )
    assert subject.paths("lanterns") == ["/title", "/body"]


def test_a_page_that_lists_others_ranks_after_the_page_itself(subject: Subject) -> None:
    subject.put(
        subject.document("/list", title="Lanterns", content_type="list"), subject.document("/a", title="Lanterns")
    )
    assert subject.paths("lanterns") == ["/a", "/list"]


def test_korean_words_are_found_under_their_particles(subject: Subject) -> None:
    subject.put(subject.document("/ko", title="한강에서 자전거를 타는 방법", locale="ko-KR"))
    assert subject.paths("자전거") == ["/ko"]
    assert subject.paths("한강") == ["/ko"]


def test_phrases_exclusions_and_operators_restrict_what_is_found(subject: Subject) -> None:
    subject.put(
        subject.document("/a", title="The old stone bridge", tags=("Travel",), author="Kim Minji"),
        subject.document("/b", title="The bridge of old stone", tags=("travel", "map"), author="Lee Jun"),
    )
    assert subject.paths('"old stone bridge"') == ["/a"]
    assert subject.paths("bridge -map", limit=1) == ["/a"]
    assert subject.paths("bridge -tag:map") == ["/a"]
    assert subject.paths("bridge tag:MAP") == ["/b"]
    assert subject.paths("author:minji") == ["/a"]
    assert sorted(subject.paths(f"bridge site:{subject.site}")) == ["/a", "/b"]
    assert subject.paths("bridge site:elsewhere.example") == []


def test_filters_restrict_what_is_found(subject: Subject) -> None:
    subject.put(
        subject.document("/ko", locale="ko-KR", content_type="video", created_at=NOW - 3 * DAY),
        subject.document("/en", locale="en-GB", source="post", created_at=NOW - DAY),
    )
    assert subject.paths(locale="ko-KR") == ["/ko"]
    assert subject.paths(locale="en") == ["/en"]
    assert subject.paths(content_type="video") == ["/ko"]
    assert subject.paths(source="post") == ["/en"]
    assert subject.paths(since=NOW - 2 * DAY) == ["/en"]
    assert subject.paths(until=NOW - DAY) == ["/ko"]


def test_a_filter_takes_several_values(subject: Subject) -> None:
    subject.put(
        subject.document("/ko", locale="ko-KR", content_type="video"),
        subject.document("/en", locale="en-GB"),
        subject.document("/fr", locale="fr-FR", content_type="post"),
    )
    assert sorted(subject.paths(locale="ko-KR,en")) == ["/en", "/ko"]
    assert sorted(subject.paths(content_type="video,post")) == ["/fr", "/ko"]
    several = subject.index.search(Query(site=f"elsewhere.example,{subject.site}"), NOW)
    assert several.total == 3


def test_a_page_without_a_date_is_in_no_month_and_in_no_time(subject: Subject) -> None:
    subject.put(subject.document("/dated", created_at=NOW - DAY), subject.document("/undated"))
    assert subject.paths(since=NOW - 2 * DAY) == ["/dated"]
    assert subject.paths(until=NOW + DAY) == ["/dated"]
    assert sum(count for _, count in subject.find().facets["month"]) == 1


def test_pages_that_list_others_are_found_by_words_or_by_their_kind_alone(subject: Subject) -> None:
    subject.put(subject.document("/list", content_type="list"), subject.document("/a"))
    assert subject.paths() == ["/a"]
    assert subject.paths(content_type="list") == ["/list"]
    assert sorted(subject.paths("title")) == ["/a", "/list"]


def test_results_are_sorted_by_publication_or_by_clicks(subject: Subject) -> None:
    documents = [subject.document(f"/{n}", created_at=NOW - n * DAY) for n in (2, 1, 3)]
    subject.put(*documents)
    assert subject.paths(sort=Sort.NEWEST) == ["/1", "/2", "/3"]
    subject.click(documents[2].url)
    subject.index.refresh()
    assert subject.paths(sort=Sort.CLICKS) == ["/3", "/1", "/2"]


@pytest.mark.parametrize("sort", list(Sort))
def test_pages_hold_every_result_once(subject: Subject, sort: Sort) -> None:
    subject.put(*(subject.document(f"/{n}", created_at=NOW - n % 5, title="page") for n in range(23)))
    found = subject.all_paths("page", sort=sort, limit=4)
    assert sorted(found) == sorted(f"/{n}" for n in range(23))


def test_results_of_one_group_are_shown_as_one_however_deep_one_pages(subject: Subject) -> None:
    group = f"g-{subject.site}"
    members = [subject.document(f"/member{n}", title="page", group=group, created_at=NOW - n) for n in range(9)]
    subject.put(*members, *(subject.document(f"/alone{n}", title="page", created_at=NOW - n) for n in range(9)))
    for sort in (Sort.NEWEST, Sort.RELEVANCE):
        found = subject.all_paths("page", sort=sort, limit=2)
        assert len([path for path in found if path.startswith("/member")]) == 1
        assert len(found) == len(set(found)) == 10


def test_a_result_tells_the_size_of_its_group_and_the_group_can_be_opened(subject: Subject) -> None:
    group = f"g-{subject.site}"
    subject.put(*(subject.document(f"/{n}", group=group) for n in range(3)))
    (hit,) = subject.find().hits
    assert hit.group_size == 3
    assert sorted(subject.all_paths(group=group, limit=2)) == ["/0", "/1", "/2"]


def test_facets_count_what_matches(subject: Subject) -> None:
    subject.put(
        subject.document("/a", locale="ko-KR", tags=("한강", "여행")),
        subject.document("/b", locale="ko-KR", tags=("여행",)),
        subject.document("/c", locale="en-GB", content_type="video"),
    )
    facets = subject.find().facets
    assert facets["locale"] == [("ko-KR", 2), ("en-GB", 1)]
    assert facets["tag"] == [("여행", 2), ("한강", 1)]
    assert dict(facets["content_type"]) == {"article": 2, "video": 1}
    assert facets["site"] == [(subject.site, 3)]


def test_found_words_are_marked_and_everything_else_is_escaped(subject: Subject) -> None:
    subject.put(subject.document("/a", title="Lanterns <b>&</b> light"))
    (hit,) = subject.find("lanterns").hits
    assert hit.title_html.startswith("<mark>Lanterns</mark> &lt;b&gt;&amp;")


def test_titles_and_tags_are_suggested_while_they_are_typed(subject: Subject) -> None:
    name = subject.site.split(".")[0]
    subject.put(subject.document("/a", title=f"{name} 한강 길", tags=(f"강{name}",), locale="ko-KR"))
    assert texts(subject, name[:6]) == [f"{name} 한강 길"]
    assert texts(subject, f"ㄱ{name}"[:8]) == [f"강{name}"]
    assert texts(subject, name[:6], "en") == []


def test_searches_are_judged_by_what_was_searched_for(subject: Subject) -> None:
    word, at = f"Q{subject.site.split('.')[0]}", 1_009_843_200_000  # the first of January 2002
    facts: list[tuple[int, bool, bool]] = [(3, False, False), (4, True, False), (0, False, True), (0, False, False)]
    for n, (hits, corrected, filtered) in enumerate(facts):
        name = word if n else word.lower()
        subject.index.record_search(Search(name, "", at + n, hits, 10, f"{word}{n}", "", "", corrected, filtered))
    for place in (5, 2, 2):
        assert subject.index.note_click(f"{word}1", place, at + 3_600_000)
    assert not subject.index.note_click(f"{word}9", 1, at)
    subject.index.refresh()
    [found] = subject.index.query_statistics(Span(at, at + DAY, DAY), 10)
    took = dict.fromkeys((50, 90, 99), 10.0)
    assert found == QueryStatistics(word.lower(), 4, 1, 1, 1, 1, 2.0, took)
    subject.index.forget_searches(at + 3 * DAY)


def test_a_click_after_midnight_belongs_to_a_search_of_the_month_before(subject: Subject) -> None:
    name, first = f"{subject.site.split('.')[0]}late", 1_014_940_800_000  # the first of March 2002
    subject.index.record_search(Search(name, "", first - 1000, 1, 1, name))
    assert subject.index.note_click(name, 3, first + 1000)
    subject.index.refresh()
    [found] = subject.index.query_statistics(Span(first - DAY, first, DAY), 10)
    assert (found.clicked, found.position) == (1, 3.0)
    subject.index.forget_searches(first + DAY)


def texts(subject: Subject, typed: str, locale: str = "") -> list[str]:
    return [one.text for one in subject.index.suggestions(letters(typed), locale, 10)]

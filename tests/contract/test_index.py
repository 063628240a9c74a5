"""What every index does: the same suite for Elasticsearch and for its in-memory twin."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from riverline.model import Document, Fate, Search
from riverline.parsing import near_duplicates
from riverline.parsing.fingerprint import page_digest, text_digest, url_id
from riverline.search.analysis.korean_parts import is_known, with_particle
from riverline.search.autocomplete import letters
from riverline.search.contracts import FateQuery, Index, Outcome, Stored, Written
from riverline.search.query import Query, Sort
from riverline.search.results import Results
from riverline.search.spelling.word_counts import Names
from riverline.search.statistics import QueryStatistics, Span
from riverline.testing.memory import MemoryIndex

NOW = 1_760_000_000_000
DAY = 86_400_000


@dataclass
class Subject:
    """An index, a site of its own within it, and how a test plays a click."""

    index: Index
    click: Callable[[str], None]
    site: str

    def document(self, path: str = "/a", **more) -> Document:
        url = f"https://{self.site}{path}"
        made = Document(
            url, self.site, "A title", "A summary", f"A body of {url}", "article", crawled_at=NOW, origin="o-0-1"
        )
        made = replace(made, **more)
        return replace(
            made,
            text_digest=more.get("text_digest", text_digest(made.body)),
            page_digest=page_digest(url, made.body.encode()),
        )

    def put(self, *documents: Document) -> list[Written]:
        written = self.index.write(documents, [])
        self.index.refresh()
        return written

    def find(self, text: str = "", **more) -> Results:
        return self.index.search(Query(text, site=self.site, **more), NOW)

    def paths(self, text: str = "", **more) -> list[str]:
        return [hit.url.removeprefix(f"https://{self.site}") for hit in self.find(text, **more).hits]

    def all_paths(self, text: str = "", **more) -> list[str]:
        """Through all pages."""
        query, found = Query(text, site=self.site, **more), []
        while True:
            results = self.index.search(query, NOW)
            found += [hit.url.removeprefix(f"https://{self.site}") for hit in results.hits]
            if results.next is None:
                return found
            query = replace(query, after=results.next)

    def fate(self, offset: int, outcome: str = "indexed", **more) -> Fate:
        return Fate(f"crawl.{self.site}-0-{offset}", outcome, f"https://{self.site}/{offset}", at=NOW + offset, **more)


@pytest.fixture(params=["memory", pytest.param("elasticsearch", marks=pytest.mark.integration)])
def subject(request) -> Subject:
    site = f"{uuid.uuid4().hex[:10]}.example"
    if request.param == "memory":
        index = MemoryIndex()
        return Subject(index, index.click, site)
    return _real(request, site)


def _real(request, site: str) -> Subject:
    from riverline.adapters.elasticsearch import ElasticIndex
    from riverline.parsing.fingerprint import url_id

    index = ElasticIndex(request.getfixturevalue("stack").elasticsearch)
    request.addfinalizer(index.close)
    index.ensure_schema()

    def click(url: str) -> None:
        counted = index.connection.call("GET", f"/documents/_doc/{url_id(url)}")["_source"]["click_count"]
        index.connection.call("POST", f"/documents/_update/{url_id(url)}", {"doc": {"click_count": counted + 1}})

    return Subject(index, click, site)


def outcomes(written: list[Written]) -> list[Outcome]:
    return [one.outcome for one in written]


def test_a_written_document_is_found_with_all_its_fields(subject: Subject) -> None:
    subject.put(
        subject.document(created_at=NOW - DAY, tags=("River", "강"), author="Kim Minji", image="https://i/x.png")
    )
    (hit,) = subject.find("title").hits
    assert (hit.title, hit.summary, hit.tags, hit.author) == ("A title", "A summary", ("River", "강"), "Kim Minji")
    assert (hit.created_at, hit.crawled_at, hit.locale, hit.source) == (NOW - DAY, NOW, "und", "crawl")


def test_the_answers_stand_in_the_order_of_the_documents_then_the_fates(subject: Subject) -> None:
    subject.index.write([subject.document("/new")], [subject.fate(1)])
    older = subject.document("/new", crawled_at=NOW - 1)
    written = subject.index.write([older, subject.document("/b")], [subject.fate(1), subject.fate(2)])
    assert outcomes(written) == [Outcome.STALE, Outcome.WRITTEN, Outcome.STALE, Outcome.WRITTEN]


def test_writing_nothing_is_no_error(subject: Subject) -> None:
    assert subject.index.write([], []) == []


def test_the_same_version_written_again_changes_nothing(subject: Subject) -> None:
    assert outcomes(subject.put(subject.document()) + subject.put(subject.document())) == [Outcome.WRITTEN] * 2
    assert subject.find().total == 1


def test_an_old_page_after_a_new_one_is_stale(subject: Subject) -> None:
    subject.put(subject.document(title="new"))
    (written,) = subject.put(subject.document(title="old", crawled_at=NOW - 1))
    assert written.outcome is Outcome.STALE
    assert [hit.title for hit in subject.find().hits] == ["new"]


def test_a_video_shows_its_length_and_its_views(subject: Subject) -> None:
    subject.put(subject.document(content_type="video", seconds=253, views=1_200))
    (hit,) = subject.find().hits
    assert (hit.seconds, hit.views) == (253, 1_200)


def test_crawling_again_keeps_the_click_count(subject: Subject) -> None:
    document = subject.document()
    subject.put(document)
    for _ in range(2):
        subject.click(document.url)
    subject.put(replace(document, crawled_at=NOW + DAY, title="Changed"))
    (hit,) = subject.find().hits
    assert (hit.title, hit.click_count) == ("Changed", 2)


def test_a_text_that_is_no_unicode_is_invalid_and_the_rest_of_the_bulk_is_written(subject: Subject) -> None:
    written = subject.put(subject.document("/bad", title="half \ud83d"), subject.document("/good"))
    assert outcomes(written) == [Outcome.INVALID, Outcome.WRITTEN]


def test_stored_tells_what_was_just_written_without_a_refresh(subject: Subject) -> None:
    document = subject.document()
    subject.index.write([document], [])
    absent = f"https://{subject.site}/absent"
    assert subject.index.stored([document.url, absent]) == {
        document.url: Stored(document.page_digest, "o-0-1", document.text_digest, NOW)
    }
    assert subject.index.stored([]) == {}


def test_the_holder_of_a_text_is_the_oldest_document_that_has_it(subject: Subject) -> None:
    digest = text_digest(f"one text of {subject.site}")
    subject.put(
        subject.document("/copy", text_digest=digest, created_at=NOW - DAY, crawled_at=NOW),
        subject.document("/first", text_digest=digest, created_at=NOW - 2 * DAY, crawled_at=NOW + 5),
    )
    holders = subject.index.holders([digest, digest, "0" * 40, ""])
    assert holders == {digest: f"https://{subject.site}/first"}
    assert subject.index.holders([]) == {}
    subject.put(subject.document("/list", text_digest=digest, created_at=NOW - 3 * DAY, content_type="list"))
    assert subject.index.holders([digest], {"feed", "list"}) == holders
    assert subject.index.holders([digest]) == {digest: f"https://{subject.site}/list"}


def test_a_deleted_document_is_gone_and_an_older_version_does_not_bring_it_back(subject: Subject) -> None:
    document = subject.document()
    subject.put(document)
    subject.index.delete([document.url, f"https://{subject.site}/never-there"], NOW + 10)
    assert outcomes(subject.put(document)) == [Outcome.STALE]
    assert subject.find().total == 0
    assert outcomes(subject.put(replace(document, crawled_at=NOW + 11))) == [Outcome.WRITTEN]


def test_deletion_as_of_a_time_leaves_what_was_crawled_later(subject: Subject) -> None:
    document = subject.document()
    subject.put(document)
    subject.index.delete([document.url], NOW - 1)
    subject.index.refresh()
    assert subject.find().total == 1


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


def test_the_first_fate_of_a_record_stays_and_a_correction_replaces_it(subject: Subject) -> None:
    indexed, other = subject.fate(1), subject.fate(1, "duplicate", of="https://x/")
    assert outcomes(subject.index.write([], [indexed])) == [Outcome.WRITTEN]
    assert outcomes(subject.index.write([], [other])) == [Outcome.STALE]
    assert outcomes(subject.index.write([], [subject.fate(1, "dead", reason="refused", revision=2)])) == [
        Outcome.WRITTEN
    ]
    assert outcomes(subject.index.write([], [indexed])) == [Outcome.STALE]
    subject.index.refresh()
    (found,) = subject.index.fates(FateQuery(url=indexed.url)).items
    assert (found.outcome, found.reason, found.revision) == ("dead", "refused", 2)


def test_a_record_of_a_topic_that_was_made_anew_has_a_fate_of_its_own(subject: Subject) -> None:
    former = subject.fate(1, "dead", reason="refused", revision=2)
    later = replace(
        former, outcome="indexed", reason="", revision=1, url=f"https://{subject.site}/new", at=former.at + 1
    )
    subject.index.write([], [former])
    assert outcomes(subject.index.write([], [later])) == [Outcome.WRITTEN]
    assert outcomes(subject.index.write([], [former])) == [Outcome.STALE]
    assert subject.index.fate(former.origin, later.at) == later


def test_the_fate_of_one_record_is_told_before_a_search_sees_it(subject: Subject) -> None:
    fate = subject.fate(1, "filtered", reason="robots")
    subject.index.write([], [fate])
    assert subject.index.fate(fate.origin, fate.at) == fate
    assert subject.index.fate(subject.fate(2).origin, fate.at) is None
    assert subject.index.fate(fate.origin, fate.at - 400 * DAY) is None


def test_fates_are_looked_up_and_counted(subject: Subject) -> None:
    topic = f"crawl.{subject.site}"
    fates = [subject.fate(1), subject.fate(2, "filtered", reason="robots", error="no"), subject.fate(3)]
    subject.index.write([], fates)
    subject.index.refresh()
    by_topic = subject.index.fates(FateQuery(topic=topic))
    assert by_topic.items == tuple(reversed(fates))
    assert by_topic.counts == {"indexed": 2, "filtered:robots": 1}
    assert subject.index.fates(FateQuery(topic=topic, reason="robots")).items == (fates[1],)
    assert subject.index.fates(FateQuery(topic=topic, outcome="indexed")).total == 2


def test_fates_are_paged_through_without_a_repetition(subject: Subject) -> None:
    subject.index.write([], [subject.fate(n) for n in range(7)])
    subject.index.refresh()
    query, found = FateQuery(topic=f"crawl.{subject.site}", limit=3), []
    while True:
        page = subject.index.fates(query)
        found += [fate.at - NOW for fate in page.items]
        if page.next is None:
            break
        query = replace(query, after=page.next)
    assert found == [6, 5, 4, 3, 2, 1, 0]


def test_fates_are_dropped_a_week_after_their_day(subject: Subject) -> None:
    old = replace(subject.fate(1), at=NOW - 9 * DAY)
    subject.index.write([], [old, subject.fate(2)])
    dropped = subject.index.drop_outdated_fates(NOW)
    assert "fates-2025.09.30" in dropped
    subject.index.refresh()
    assert [fate.origin for fate in subject.index.fates(FateQuery(topic=f"crawl.{subject.site}")).items] == [
        subject.fate(2).origin
    ]


def test_the_schema_may_be_ensured_again(subject: Subject) -> None:
    subject.index.ensure_schema()
    subject.index.ensure_schema()


def test_a_search_is_recorded_once(subject: Subject) -> None:
    search = Search("강", "ko-KR", NOW, 3, 12, uuid.uuid4().hex)
    subject.index.record_search(search)
    subject.index.record_search(search)


def test_all_digests_can_be_read(subject: Subject) -> None:
    documents = [subject.document(f"/{n}") for n in range(3)]
    subject.put(*documents, replace(subject.document("/none"), page_digest=""))
    digests = set(subject.index.page_digests())
    assert {document.page_digest for document in documents} <= digests
    assert "" not in digests


def test_the_fates_of_a_range_of_offsets_are_counted(subject: Subject) -> None:
    topic = f"crawl.{subject.site}"
    origins = [f"{topic}-{partition}-{offset}" for partition in (0, 1) for offset in range(5)]
    subject.index.write([], [Fate(origin, "indexed", "http://x/", at=NOW) for origin in origins])
    subject.index.refresh()
    ranges = {(topic, 0): (1, 4), (topic, 1): (0, 99), (topic, 2): (0, 9)}
    assert subject.index.fated(ranges) == {(topic, 0): 3, (topic, 1): 5, (topic, 2): 0}
    assert subject.index.fated({}) == {}


def test_copies_of_a_text_are_found_the_newest_record_of_each_page_first(subject: Subject) -> None:
    digest, other = text_digest(f"one {subject.site}"), text_digest(f"another {subject.site}")
    copies = [subject.fate(n, "duplicate", reason="text", of="https://x/", text_digest=digest) for n in (1, 2)]
    again = replace(subject.fate(3, "duplicate", reason="text", text_digest=digest), url=copies[0].url)
    subject.index.write([], [*copies, again, subject.fate(4, "duplicate", text_digest=other), subject.fate(5)])
    assert subject.index.copies([digest], fresh=True) == [again, copies[1]]
    assert subject.index.copies([digest], fresh=False) == [again, copies[1]]
    assert subject.index.copies([text_digest("none")], fresh=True) == subject.index.copies([], fresh=True) == []


def test_documents_that_share_a_band_are_kin(subject: Subject) -> None:
    one = near_duplicates.signature(" ".join(f"{subject.site}-{number}" for number in range(100)))
    other = near_duplicates.signature(" ".join(f"{subject.site}+{number}" for number in range(100, 200)))
    subject.put(subject.document("/a", signature=one), subject.document("/b", signature=other), subject.document("/c"))
    first, second, none = subject.index.candidates(
        [near_duplicates.bands(one), near_duplicates.bands(other), ("0nothing",)]
    )
    assert [(kin.url, kin.signature, kin.title) for kin in first] == [(f"https://{subject.site}/a", one, "A title")]
    assert [candidates.url for candidates in second] == [f"https://{subject.site}/b"]
    assert none == [] and subject.index.candidates([]) == []


def test_searches_that_never_found_anything_are_counted_by_keyword(subject):
    owl, boat = f"owl {subject.site}", f"boat {subject.site}"
    for number, (word, hits) in enumerate([(owl, 0), (owl, 0), (boat, 0), (boat, 2)]):
        subject.index.record_search(Search(word, "en", NOW, hits, 1, f"{subject.site}-{number}"))
    subject.index.refresh()
    found = dict(subject.index.zero_result_searches(NOW - DAY, 1000))
    assert found[owl] == 2
    assert boat not in found


def test_counts_of_clicks_are_raised_never_lowered_and_change_no_version(subject: Subject) -> None:
    subject.put(subject.document("/a"), subject.document("/b"))
    urls = [f"https://{subject.site}/{name}" for name in "abc"]
    subject.index.count_clicks(dict.fromkeys(urls, 5))
    subject.index.count_clicks({urls[0]: 3})
    assert outcomes(subject.put(subject.document("/a", title="again"))) == [Outcome.WRITTEN]
    assert {hit.title: hit.click_count for hit in subject.find().hits} == {"again": 5, "A title": 5}


def test_titles_and_tags_are_suggested_while_they_are_typed(subject: Subject) -> None:
    name = subject.site.split(".")[0]
    subject.put(subject.document("/a", title=f"{name} 한강 길", tags=(f"강{name}",), locale="ko-KR"))
    assert texts(subject, name[:6]) == [f"{name} 한강 길"]
    assert texts(subject, f"ㄱ{name}"[:8]) == [f"강{name}"]
    assert texts(subject, name[:6], "en") == []


def texts(subject: Subject, typed: str, locale: str = "") -> list[str]:
    return [one.text for one in subject.index.suggestions(letters(typed), locale, 10)]


def test_what_is_searched_for_most_and_found_is_popular(subject: Subject) -> None:
    word = subject.site.split(".")[0]
    for n, hits in enumerate((2, 5, 0)):
        search = Search(word, f"x{word[:4]}", NOW, hits, 1, f"{word}{n}", f"{word} meant", f"person {n}")
        subject.index.record_search(search)
    subject.index.refresh()
    assert subject.index.frequent(NOW - DAY, f"x{word[:4]}", 10) == [(word, 2)]
    assert subject.index.frequent(NOW + 1, f"x{word[:4]}", 10) == []
    assert subject.index.popular(NOW - DAY, f"x{word[:4]}", 10, 2) == [(f"{word} meant", 2)]
    assert subject.index.popular(NOW - DAY, f"x{word[:4]}", 10, 3) == []
    assert subject.index.popular(NOW + 1, f"x{word[:4]}", 10, 2) == []


def test_one_person_is_not_several_however_often_and_long_it_searches(subject: Subject) -> None:
    word = subject.site.split(".")[0]
    for n in range(6):
        at = NOW - n // 2 * 7 * DAY  # a person has another name each week
        subject.index.record_search(Search(word, f"y{word[:4]}", at, 1, 1, f"{word}{n}", word, f"person {n // 2}"))
    subject.index.record_search(Search(word, f"y{word[:4]}", NOW, 1, 1, f"{word}nobody", word, ""))
    subject.index.refresh()
    assert subject.index.popular(NOW - 30 * DAY, f"y{word[:4]}", 10, 2) == []


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


def test_searches_are_forgotten_whole_months_and_the_rest_of_one(subject: Subject) -> None:
    word, first = subject.site.split(".")[0], 978_307_200_000  # the first of January 2001
    times = [first, first + 40 * DAY, first + 62 * DAY, first + 75 * DAY]  # in January, February and, twice, March
    for at in times:
        subject.index.record_search(Search(word, "", at, 1, 1, f"{word}{at}"))
    subject.index.refresh()
    span = Span(first, first + 90 * DAY, DAY)
    assert subject.index.search_statistics(span).total == 4
    subject.index.forget_searches(first + 70 * DAY)
    left = subject.index.search_statistics(span)
    assert (left.total, list(left.over_time)) == (1, [times[-1]])


def test_words_are_held_as_they_are_or_with_a_particle(subject: Subject) -> None:
    word = "q" + subject.site.split(".")[0]
    subject.put(
        subject.document("/a", title=f"The {word.upper()}", body="of nothing", tags=(f"tag{word}",)),
        subject.document("/b", author=f"Ann {word}son", body=f"{word}가나에서"),
    )
    asked = [word, f"tag{word}", f"{word}son", f"{word}x", word[:-1]]
    assert subject.index.held(asked) == {word, f"tag{word}", f"{word}son"}
    assert subject.index.held([]) == frozenset()


def test_a_korean_word_is_held_where_a_particle_stands_behind_it(subject: Subject) -> None:
    subject.put(subject.document("/a", body="저 멀리 뚜루랑박물관에서 보았다"))
    assert subject.index.held(["뚜루랑박물관", "뚜루랑"]) == {"뚜루랑박물관"}


def test_all_texts_are_read_in_the_order_of_their_ids(subject: Subject) -> None:
    state = subject.index.state()
    one = subject.document("/a", title="Title", tags=("tag",), author="Ann", summary="summary", body="body")
    subject.put(one, subject.document("/b"))
    assert subject.index.state() != state
    found, after = [], ""
    while page := subject.index.texts(after, 7):
        found, after = found + page, page[-1].id
    ids = [names.id for names in found]
    assert ids == sorted(set(ids)) and {url_id(one.url), url_id(f"https://{subject.site}/b")} <= set(ids)
    assert Names(url_id(one.url), ("Title", "tag", subject.site, "Ann"), ("summary", "body")) in found


def test_korean_words_are_cut_into_parts(subject: Subject) -> None:
    river, odd = subject.index.parts(["한강에서", "쀍뛣"])
    assert with_particle(river) == "한강"
    assert with_particle(odd) == "" and not is_known(odd)


def test_documents_are_counted_by_the_time_they_were_fetched(subject: Subject) -> None:
    at = int(subject.site[:6], 16) % 10_000 * DAY  # a time of this test's own
    subject.put(subject.document("/a", crawled_at=at), subject.document("/b", crawled_at=at + DAY))
    found = subject.index.document_statistics(Span(at, at + 2 * DAY, DAY))
    assert (found.total, found.newest) == (2, at + DAY)
    assert found.over_time == {at: 1, at + DAY: 1}
    assert found.by["site"] == ((subject.site, 2),)
    assert found.over_time_by[at]["site"] == ((subject.site, 1),)
    assert dict(found.ages) == {"hour": 0, "day": 1, "week": 1, "month": 0, "older": 0}
    assert subject.index.document_statistics(Span(at + DAY, at + 2 * DAY, DAY)).total == 1


def test_the_newest_fate_of_an_address_and_those_of_records_are_found(subject: Subject) -> None:
    first, second, other = subject.fate(1, "dead", reason="x"), subject.fate(2), subject.fate(3)
    first, second = (replace(fate, url=f"https://{subject.site}/한글") for fate in (first, second))
    subject.index.write([], [second, first, other])
    subject.index.refresh()
    assert first.at < second.at
    assert subject.index.latest_fates([first.url, other.url, "https://no.example/"]) == {
        first.url: second,
        other.url: other,
    }
    assert subject.index.fates_of([first.origin, other.origin, "no-0-1"]) == {first.origin: first, other.origin: other}
    assert subject.index.latest_fates([]) == subject.index.fates_of([]) == {}


def test_the_newest_fate_is_that_of_the_latest_fetch_and_may_be_asked_for_by_name(subject: Subject) -> None:
    fetches = {1: (20, "filtered", "gone"), 2: (30, "dead", "x"), 3: (10, "filtered", "gone"), 4: (30, "indexed", "")}
    url = f"https://{subject.site}/page"
    fates = {
        number: replace(subject.fate(number, outcome, reason=reason), url=url, fetched_at=NOW + fetched)
        for number, (fetched, outcome, reason) in fetches.items()
    }
    subject.index.write([], list(fates.values()))
    subject.index.refresh()
    assert subject.index.latest_fates([url]) == {url: fates[4]}
    assert subject.index.latest_fates([url], ["filtered:gone", "filtered:noindex"]) == {url: fates[1]}
    assert subject.index.latest_fates([url], ["duplicate:text"]) == {}

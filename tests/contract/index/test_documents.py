"""Documents in the index: what is written, kept, refused, deleted and counted."""

from dataclasses import replace

from riverline.parsing import near_duplicates
from riverline.parsing.fingerprint import text_digest
from riverline.search.contracts import Outcome, Stored
from riverline.search.statistics import Span
from tests.contract.index.subject import DAY, NOW, Subject, outcomes


def test_a_written_document_is_found_with_all_its_fields(subject: Subject) -> None:
    subject.put(
        subject.document(created_at=NOW - DAY, tags=("River", "강"), author="Kim Minji", image="https://i/x.png")
    )
    (hit,) = subject.find("title").hits
    assert (hit.title, hit.summary, hit.tags, hit.author) == ("A title", "A summary", ("River", "강"), "Kim Minji")
    assert (hit.created_at, hit.crawled_at, hit.locale, hit.source) == (NOW - DAY, NOW, "und", "crawl")


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


def test_a_result_has_the_name_of_its_site(subject: Subject) -> None:
    subject.put(subject.document(site_name="하버 가제트 & Sons"))
    (hit,) = subject.find().hits
    assert hit.site_name == "하버 가제트 & Sons"


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


def test_an_older_deletion_does_not_make_a_newer_one_forgotten(subject: Subject) -> None:
    document = subject.document()
    for at in (NOW + 10, NOW + 1):
        subject.index.delete([document.url], at)
    assert outcomes(subject.put(replace(document, crawled_at=NOW + 3))) == [Outcome.STALE]


def test_deletion_as_of_a_time_leaves_what_was_crawled_later(subject: Subject) -> None:
    document = subject.document()
    subject.put(document)
    subject.index.delete([document.url], NOW - 1)
    subject.index.refresh()
    assert subject.find().total == 1


def test_the_schema_may_be_ensured_again(subject: Subject) -> None:
    subject.index.ensure_schema()
    subject.index.ensure_schema()


def test_all_digests_can_be_read(subject: Subject) -> None:
    documents = [subject.document(f"/{n}") for n in range(3)]
    subject.put(*documents, replace(subject.document("/none"), page_digest=""))
    digests = set(subject.index.page_digests())
    assert {document.page_digest for document in documents} <= digests
    assert "" not in digests


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


def test_counts_of_clicks_are_raised_never_lowered_and_change_no_version(subject: Subject) -> None:
    subject.put(subject.document("/a"), subject.document("/b"))
    urls = [f"https://{subject.site}/{name}" for name in "abc"]
    subject.index.count_clicks(dict.fromkeys(urls, 5))
    subject.index.count_clicks({urls[0]: 3})
    assert outcomes(subject.put(subject.document("/a", title="again"))) == [Outcome.WRITTEN]
    assert {hit.title: hit.click_count for hit in subject.find().hits} == {"again": 5, "A title": 5}


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


def test_a_document_and_a_site_are_taken_down_whatever_their_version(subject: Subject) -> None:
    other = replace(subject, site=f"other-{subject.site}")
    paths = [f"/{number}" for number in range(3)]
    subject.put(*(subject.document(path, crawled_at=NOW + DAY) for path in paths))
    other.put(other.document("/a"), other.document("/b"))
    assert subject.index.take_down([subject.site], [f"https://{other.site}/a", f"https://{other.site}/absent"]) == 4
    assert (subject.paths(), other.paths()) == ([], ["/b"])
    assert subject.index.take_down([subject.site], []) == 0
    assert subject.index.take_down([], []) == 0


def test_what_was_taken_down_is_written_again_when_it_may_be(subject: Subject) -> None:
    subject.put(subject.document())
    subject.index.take_down([subject.site], [])
    subject.put(subject.document(crawled_at=NOW + DAY))
    assert subject.paths() == ["/a"]

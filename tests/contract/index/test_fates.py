"""Fates: the first stays, a correction replaces it, and they are found by record and by address."""

from dataclasses import replace

from riverline.model import Fate
from riverline.parsing.fingerprint import text_digest
from riverline.search.contracts import FateQuery, Outcome
from tests.contract.index.subject import DAY, NOW, Subject, outcomes


def test_the_answers_stand_in_the_order_of_the_documents_then_the_fates(subject: Subject) -> None:
    subject.index.write([subject.document("/new")], [subject.fate(1)])
    older = subject.document("/new", crawled_at=NOW - 1)
    written = subject.index.write([older, subject.document("/b")], [subject.fate(1), subject.fate(2)])
    assert outcomes(written) == [Outcome.STALE, Outcome.WRITTEN, Outcome.STALE, Outcome.WRITTEN]


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

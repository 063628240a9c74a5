"""The log of searches: what is popular, what found nothing, and how it is forgotten."""

import uuid

from riverline.model import Search
from riverline.search.statistics import Span
from tests.contract.index.subject import DAY, NOW, Subject


def test_a_search_is_recorded_once(subject: Subject) -> None:
    search = Search("강", "ko-KR", NOW, 3, 12, uuid.uuid4().hex)
    subject.index.record_search(search)
    subject.index.record_search(search)


def test_searches_that_never_found_anything_are_counted_by_keyword(subject):
    owl, boat = f"owl {subject.site}", f"boat {subject.site}"
    for number, (word, hits) in enumerate([(owl, 0), (owl, 0), (boat, 0), (boat, 2)]):
        subject.index.record_search(Search(word, "en", NOW, hits, 1, f"{subject.site}-{number}"))
    subject.index.refresh()
    found = dict(subject.index.zero_result_searches(NOW - DAY, 1000))
    assert found[owl] == 2
    assert boat not in found


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

"""The table of queries as people type them is well-formed; what answers them is tested on a real index."""

from collections import Counter

from tests.support.typed_queries import Expect, known, rows

NAMING = (Expect.FIRST, Expect.AMONG, Expect.ABSENT)


def test_every_row_names_what_exists():
    names = known()
    for row in rows():
        if row.expect in NAMING:
            assert row.what in names or set(row.what.split(" ")) <= names, row


def test_no_row_stands_twice():
    assert [row for row, count in Counter(rows()).items() if count > 1] == []


def test_both_languages_are_asked_in_alike():
    counts = Counter(row.language for row in rows())
    assert set(counts) == {"ko", "en"} and max(counts.values()) < 2 * min(counts.values())

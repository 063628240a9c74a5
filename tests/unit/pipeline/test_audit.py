"""The account of every partition."""

from riverline.model import Document, Fate, Page
from riverline.pipeline.audit import accounts, vanished
from riverline.testing.memory import MemoryIndex
from riverline.testing.memory_log import MemoryLog

URL = "http://a.example/1"
DOCUMENT = Document(URL, "a.example", "t", "", "b", "article", 1000)


def produced(records: int, committed: int, fates: int):
    log, index = MemoryLog(), MemoryIndex()
    for number in range(records):
        log.append("crawl.a.example", Page(f"http://a.example/{number}", f"http://a.example/{number}", b"b"))
    log.commit("crawl.a.example", 0, committed)
    index.write([], [Fate(f"crawl.a.example-0-{number}", "indexed", URL) for number in range(fates)])
    return log, index


def test_when_all_is_committed_and_fated_the_account_is_balanced():
    (account,) = accounts(*produced(3, 3, 3))
    assert account.balanced and (account.records, account.lag, account.missing) == (3, 0, 0)


def test_a_record_that_is_not_committed_is_lag():
    (account,) = accounts(*produced(3, 2, 3))
    assert not account.balanced and account.lag == 1


def test_a_committed_record_without_a_fate_is_missing():
    (account,) = accounts(*produced(3, 3, 2))
    assert not account.balanced and account.missing == 1


def test_fates_of_records_that_kafka_does_not_hold_do_not_hide_a_missing_one():
    log, index = produced(3, 3, 0)
    index.write([], [Fate(f"crawl.a.example-0-{number}", "indexed", URL) for number in (0, 1, 7)])
    assert accounts(log, index)[0].missing == 1


def test_a_document_that_its_fate_says_is_indexed_and_is_not_there_has_vanished():
    _, index = produced(1, 1, 1)
    index.refresh()
    assert list(vanished(index)) == [URL]
    index.write([DOCUMENT], [])
    assert list(vanished(index)) == []

"""Every page that goes in comes out with exactly one fate."""

import sys
import time
from types import SimpleNamespace

import pytest
from streamparse import Tuple

from bolts.parse import ParseBolt
from bolts.place import Place, place_among
from riverline.errors import Fatal, Transient
from riverline.model import Page
from riverline.pipeline.audit import vanished
from riverline.pipeline.body_encoding import packed_body, unpacked_body
from riverline.pipeline.deduplicate import SLICE
from riverline.pipeline.envelope import Envelope
from riverline.pipeline.records import failure_of, page_of
from riverline.search.contracts import FateQuery, Outcome, Written
from riverline.services import Services
from riverline.settings import Settings
from riverline.testing.memory import MemoryIndex
from riverline.testing.memory_log import MemoryLog
from tests.support.storm import Line

URL = "http://a.example/kimchi"
TEXT = "".join(
    f"<p>묵은지와 돼지고기로 끓이는 김치찌개 {n}번째 이야기입니다. 맛있게 드세요, 여러분.</p>" for n in range(9)
)
HTML = (
    f"<html lang=ko><head><title>김치찌개 끓이기</title></head><body><article>{TEXT}</article></body></html>".encode()
)


@pytest.fixture
def services(tmp_path):
    settings = Settings(home=tmp_path)
    return Services(settings, MemoryIndex(), MemoryLog())


@pytest.fixture
def line(services, monkeypatch):
    return Line(services, monkeypatch, services.settings)


def page(url: str = URL, body: bytes = HTML, **changes) -> Page:
    plain = {"content_type": "text/html", "charset": "utf-8", "fetched_at": 1_700_000_000_000}
    return Page(url, url, body, **(plain | changes))


def fates(services) -> dict[str, str]:
    services.index.refresh()
    return {fate.origin: fate.name for fate in services.index.fates(FateQuery()).items}


def test_a_page_is_indexed_with_what_it_says(line, services):
    assert line.send(page()) == "acked"
    assert fates(services) == {"crawl.a.example-0-0": "indexed"}
    assert services.index.stored([URL])[URL].origin == "crawl.a.example-0-0"


def test_the_same_page_again_is_a_duplicate(line, services):
    line.send(page())
    line.send(page(), origin="crawl.a.example-0-1")
    assert fates(services)["crawl.a.example-0-1"] == "duplicate:unchanged"


def test_a_replay_changes_nothing(line, services):
    line.send(page())
    line.send(page(), attempt=2)
    assert fates(services) == {"crawl.a.example-0-0": "indexed"}


def test_a_page_that_is_gone_takes_its_document_with_it(line, services):
    line.send(page())
    line.send(page(body=b"", status=410, fetched_at=1_700_000_000_001), origin="crawl.a.example-0-1")
    assert fates(services)["crawl.a.example-0-1"] == "filtered:gone"
    assert services.index.stored([URL]) == {}
    assert list(vanished(services.index)) == []


def test_a_page_that_is_not_to_be_indexed_any_more_takes_its_document_with_it(line, services):
    line.send(page())
    hidden = HTML.replace(b"<head>", b"<head><meta name=robots content=noindex>")
    line.send(page(body=hidden, fetched_at=1_700_000_000_001), origin="crawl.a.example-0-1")
    assert fates(services)["crawl.a.example-0-1"] == "filtered:noindex"
    assert services.index.stored([URL]) == {}
    assert list(vanished(services.index)) == []


def test_an_old_record_of_a_page_that_is_gone_leaves_the_newer_page(line, services):
    line.send(page())
    line.send(page(body=b"", status=404, fetched_at=1_600_000_000_000), origin="crawl.a.example-0-1")
    assert URL in services.index.stored([URL])


@pytest.mark.parametrize(
    ("changes", "fate"),
    [
        ({"note": "too_large", "body": b""}, "filtered:too_large"),
        ({"status": 500}, "filtered:status_500"),
        ({"status": 404, "body": b""}, "filtered:gone"),
        ({"status": 410, "body": b""}, "filtered:gone"),
        ({"body": b"  \n"}, "filtered:empty"),
        ({"body": HTML.replace(b"<head>", b"<head><meta name=robots content=noindex>")}, "filtered:noindex"),
    ],
)
def test_what_is_not_to_be_indexed_is_filtered_with_its_reason(line, services, changes, fate):
    assert line.send(page(**changes)) == "acked"
    assert fates(services) == {"crawl.a.example-0-0": fate}


def test_a_page_that_cannot_be_parsed_goes_to_the_dead_letters(line, services):
    broken = page(body=b"%PDF-1.7 but no more")
    services.log.append("crawl.a.example", broken)
    assert line.send(broken) == "acked"
    (fate,) = fates(services).values()
    assert fate.startswith("dead:")
    assert [page_of(record) for record in services.log.records["dead-letter"]] == [broken]


def test_a_fault_of_ours_is_tried_again_and_buried_at_the_last_attempt(line, services, monkeypatch):
    def fault(page):
        raise ZeroDivisionError("ours")

    monkeypatch.setattr("bolts.parse.parse", fault)
    services.log.append("crawl.a.example", page())
    assert line.send(page(), attempt=1) == "failed"
    assert line.send(page(), attempt=5) == "acked"
    assert fates(services) == {"crawl.a.example-0-0": "dead:fault"}


def test_where_a_fault_happened_stands_in_the_log_the_fate_the_dead_letter_and_storms_errors(
    line, services, monkeypatch
):
    def fault(page):
        raise ZeroDivisionError("no connection to http://me:secret@proxy.example")

    parser, logged, told = line.bolts[1][0], [], []
    monkeypatch.setattr("bolts.parse.parse", fault)
    parser.logger.warning = parser.logger.error = lambda text, *values: logged.append(text % values)
    parser.send_message = told.append
    services.log.append("crawl.a.example", page())
    line.send(page(), attempt=1)
    assert told == [] and len(logged) == 1
    line.send(page(), attempt=5)
    services.index.refresh()
    (fate,) = services.index.fates(FateQuery()).items
    (letter,) = services.log.records["dead-letter"]
    (storm,) = told
    assert storm["command"] == "error"
    for text in (*logged, fate.traceback, failure_of(letter).traceback, storm["msg"]):
        assert "test_bolts.py" in text and "in fault" in text and "ZeroDivisionError" in text
        assert "secret" not in text


def test_an_exception_that_ends_a_process_is_told_without_its_tuple(line):
    parser, told = line.bolts[1][0], []
    parser.send_message = told.append
    try:
        raise RuntimeError("broken")
    except RuntimeError as error:
        parser.raise_exception(error, Tuple("1", "x", "default", 1, [b"x" * 9_000_000]))
    assert [message["command"] for message in told] == ["error", "sync"]
    assert "test_bolts.py" in told[0]["msg"] and len(told[0]["msg"]) < 5_000


def away(*_):
    raise Transient("the index is away")


def test_what_the_index_cannot_confirm_passes_on(line, services, monkeypatch):
    line.send(page())
    monkeypatch.setattr(line.bolts[0][0].deduplicator, "index", SimpleNamespace(stored=away))
    assert line.send(page(), origin="crawl.a.example-0-1", attempt=5) == "acked"
    assert fates(services)["crawl.a.example-0-1"] == "indexed"


@pytest.mark.parametrize("error", [Transient("a server is away"), Fatal("an alias is missing")])
def test_a_fault_of_a_server_is_no_verdict_at_any_attempt(line, services, monkeypatch, error):
    def step(*_):
        raise error

    monkeypatch.setattr(line.bolts[1][0], "step", step)
    for attempt in (1, 5, 50):
        assert line.send(page(), attempt=attempt) == "waiting"
    assert fates(services) == {}
    assert line.bolts[1][1].acks == line.bolts[1][1].fails == []


def test_a_page_that_comes_again_and_again_while_the_index_is_away_is_indexed_in_the_end(line, services, monkeypatch):
    services.log.append("crawl.a.example", page())
    with monkeypatch.context() as outage:
        for question in ("stored", "holders", "candidates", "write"):
            outage.setattr(services.index, question, away)
        for attempt in range(1, 8):
            assert line.send(page(), attempt=attempt) == "waiting"
    line.bolts[3][0].indexer.clock = lambda: 1e9
    line.bolts[3][0].when_idle()
    assert fates(services) == {"crawl.a.example-0-0": "indexed"}
    assert "dead-letter" not in services.log.records


def counts(line, stage):
    return {name: count for name, count in line.stages[stage].state(0).counts.items() if count}


@pytest.mark.parametrize(("stage", "seconds"), [("deduplicate", 31), ("parse", 31), ("tag", 46)])
def test_a_copy_that_has_waited_for_too_long_is_given_back_unworked(line, services, monkeypatch, stage, seconds):
    """Storm is about to take it for lost, and then another copy is sent."""
    now = time.monotonic()
    line.send(page(), clock="spout", sent_at=now)
    (bolt,) = (bolt for bolt, _ in line.bolts if getattr(bolt, "stage", "") == stage)
    monkeypatch.setattr(bolt, "step", lambda *given: pytest.fail("it was worked on"))
    older = bolt.ages.of
    monkeypatch.setattr(bolt.ages, "of", lambda *given: older(*given) + seconds)
    assert line.send(page(f"{URL}/2"), "crawl.a.example-0-1", clock="spout", sent_at=now) == "failed"
    assert counts(line, stage) == {"in": 2, "done": 1, "stale": 1}
    assert line.stages[stage].state(0).gauges["in_flight"] == 0


def test_a_copy_that_has_waited_for_less_is_worked_on(line):
    now = time.monotonic()
    line.send(page(), clock="spout", sent_at=now)
    assert line.send(page(f"{URL}/2"), "crawl.a.example-0-1", clock="spout", sent_at=now - 29) == "acked"


def test_a_record_that_is_sent_again_after_it_was_finished_is_not_parsed_again(line, services, monkeypatch):
    line.send(page())
    monkeypatch.setattr("bolts.parse.parse", lambda page: pytest.fail("it was parsed again"))
    line.send(page(), redelivered=True)
    assert counts(line, "deduplicate") == {"in": 2, "done": 2, "settled": 1}
    assert fates(services) == {"crawl.a.example-0-0": "indexed"}


def test_a_record_that_is_sent_again_before_it_was_finished_is_worked_on(line, services):
    line.send(page(), redelivered=True)
    assert fates(services) == {"crawl.a.example-0-0": "indexed"}


def test_the_body_does_not_travel_beyond_the_parser(line):
    line.send(page())
    ((values, _),) = line.bolts[1][1].emits
    delivery = Envelope.unpacked(values[0])
    assert (delivery.body, delivery.headers.body) == (b"", b"")


def test_nobody_but_the_parser_unpacks_a_body(line, services, monkeypatch):
    opened = []

    def caller(frame):
        at = sys._getframe(1)
        while "/bolts/" not in at.f_code.co_filename:
            at = at.f_back
        opened.append(at.f_code.co_filename.rpartition("/")[2])
        return unpacked_body(frame)

    monkeypatch.setattr("riverline.pipeline.envelope.unpacked_body", caller)
    line.send(page())
    assert opened == ["parse.py"]


@pytest.mark.parametrize(
    ("change", "fate"),
    [({"digest": "00" * 20}, "dead:bad_record"), ({"body": b"no frame"}, "dead:bad_record"),
     ({"body": packed_body(bytes(64 << 20))}, "dead:too_large")],
)  # fmt: skip
def test_a_body_that_is_not_what_the_record_says_is_a_dead_letter(line, services, change, fate):
    services.log.append("crawl.a.example", page())
    assert line.send(page(), **change) == "acked"
    assert fates(services) == {"crawl.a.example-0-0": fate}


def test_every_component_of_the_line_names_its_stage():
    assert ParseBolt.stage == "parse"


def test_a_page_that_takes_too_long_is_a_dead_letter(line, services, monkeypatch):
    def endless(page):
        while True:
            pass

    monkeypatch.setattr("bolts.parse.parse", endless)
    monkeypatch.setattr("riverline.parsing.limits.deadline.__init__.__defaults__", (0.05, 0.0))
    services.log.append("crawl.a.example", page())
    assert line.send(page()) == "acked"
    assert fates(services) == {"crawl.a.example-0-0": "dead:too_slow"}


def test_a_page_that_kills_its_process_again_and_again_is_a_dead_letter(line, services, monkeypatch):
    services.log.append("crawl.a.example", page())
    monkeypatch.setattr(line.bolts[1][0].guard, "_deaths", {"crawl.a.example-0-0": 3})
    assert line.send(page()) == "acked"
    assert fates(services) == {"crawl.a.example-0-0": "dead:crashed"}


def test_a_page_that_names_another_address_takes_nobody_s_place(line, services):
    other = "http://a.example/recipes/kimchi"
    line.send(page(body=HTML.replace(b"<head>", f'<head><link rel=canonical href="{other}">'.encode())))
    services.index.refresh()
    (fate,) = services.index.fates(FateQuery(url=URL)).items
    assert (fate.name, fate.of) == ("indexed", "")


def test_every_stage_counts_what_became_of_its_tuples(line, services, monkeypatch):
    line.send(page())
    line.send(page(), origin="crawl.a.example-0-1")
    line.send(page(status=500), origin="crawl.a.example-0-2")
    monkeypatch.setattr("bolts.parse.parse", lambda page: 1 / 0)
    line.send(page(f"{URL}/2"), origin="crawl.a.example-0-3")
    state = {name: stage.state(0) for name, stage in line.stages.items()}
    counts = {name: {key: n for key, n in one.counts.items() if n} for name, one in state.items()}
    assert counts["deduplicate"] == {"in": 4, "done": 4, "duplicate": 1, "filtered": 1, "suspicions": 1}
    assert counts["parse"] == {"in": 2, "done": 1, "failed": 1}
    assert counts["tag"] == {"in": 1, "done": 1}
    assert counts["index"] == {"in": 3, "done": 3, "bulks": 3, "bulk_items": 3}
    assert state["deduplicate"].gauges["seen_keys"] == 2
    assert state["index"].seconds["age"].count == state["index"].seconds["tuple"].count == 3


def test_a_record_that_the_index_is_too_busy_for_is_counted_as_retried(line, services, monkeypatch):
    real, busy = services.index.write, [Written(Outcome.BUSY), Written(Outcome.BUSY)]
    monkeypatch.setattr(services.index, "write", lambda *given: busy)
    assert line.send(page()) == "waiting"
    monkeypatch.setattr(services.index, "write", real)
    state = line.stages["index"].state(0)
    assert (state.counts["retried"], state.counts["done"], state.gauges["in_flight"]) == (1, 0, 1)


def test_no_bolt_needs_the_index_to_begin(services, monkeypatch):
    for question in ("stored", "holders", "candidates", "write", "page_digests", "refresh"):
        monkeypatch.setattr(services.index, question, away)
    line = Line(services, monkeypatch, services.settings)
    assert line.send(page()) == "waiting"


def test_a_deduplicator_goes_on_filling_its_filter_while_nothing_comes_and_then_rests(services, monkeypatch):
    told = iter([[f"{n:032x}" for n in range(SLICE)], []])
    monkeypatch.setattr(services.index, "page_digests", lambda: (digest for some in told for digest in some))
    bolt = Line(services, monkeypatch, services.settings).bolts[0][0]
    assert bolt.serializer.idle() is True
    assert bolt.serializer.idle() is False


def test_a_task_is_known_by_its_place_among_those_of_its_component():
    components = {"2": "parse", "3": "parse", "10": "parse", "4": "tag"}
    assert [place_among({"taskid": task, "task->component": components}) for task in (2, 3, 10, 4)] == [
        Place(0, 3),
        Place(1, 3),
        Place(2, 3),
        Place(0, 1),
    ]
    assert place_among({"taskid": 7}) == Place(0, 1)

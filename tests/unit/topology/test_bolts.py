"""Every page that goes in comes out with exactly one fate."""

import pytest

from bolts.parse import ParseBolt
from riverline.assembly import Services
from riverline.content.audit import vanished
from riverline.errors import Transient
from riverline.model import Delivery, Page
from riverline.settings import Settings
from riverline.stores.contracts import FateQuery, Outcome, Written
from riverline.stores.memory import MemoryIndex
from riverline.stores.memory_log import MemoryLog
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
    assert [record.value for record in services.log.records["dead-letter"]] == [broken.body]


def test_a_fault_of_ours_is_tried_again_and_buried_at_the_last_attempt(line, services, monkeypatch):
    def fault(page):
        raise ZeroDivisionError("ours")

    monkeypatch.setattr("bolts.parse.parse", fault)
    services.log.append("crawl.a.example", page())
    assert line.send(page(), attempt=1) == "failed"
    assert line.send(page(), attempt=5) == "acked"
    assert fates(services) == {"crawl.a.example-0-0": "dead:fault"}


def test_a_server_that_is_away_fails_the_tuple(line, services, monkeypatch):
    line.send(page())

    def away(urls):
        raise Transient("the index is away")

    monkeypatch.setattr(services.index, "stored", away)
    assert line.send(page(), origin="crawl.a.example-0-1") == "failed"


def test_the_body_does_not_travel_beyond_the_parser(line):
    line.send(page())
    ((values, _),) = line.bolts[1][1].emits
    assert Delivery.unpacked(values[0]).page.body == b""


def test_every_component_of_the_line_names_its_stage():
    assert ParseBolt.stage == "parse"


def test_a_page_that_takes_too_long_is_a_dead_letter(line, services, monkeypatch):
    def endless(page):
        while True:
            pass

    monkeypatch.setattr("bolts.parse.parse", endless)
    monkeypatch.setattr("riverline.text.limits.deadline.__wrapped__.__defaults__", (0.05,))
    services.log.append("crawl.a.example", page())
    assert line.send(page()) == "acked"
    assert fates(services) == {"crawl.a.example-0-0": "dead:too_slow"}


def test_a_page_that_kills_its_process_again_and_again_is_a_dead_letter(line, services, monkeypatch):
    services.log.append("crawl.a.example", page())
    monkeypatch.setattr(line.bolts[1][0].suspect, "_deaths", {"crawl.a.example-0-0": 3})
    assert line.send(page()) == "acked"
    assert fates(services) == {"crawl.a.example-0-0": "dead:crashed"}


def test_a_fate_is_looked_up_by_the_url_that_was_fetched_and_names_the_one_that_is_indexed(line, services):
    canonical = "http://a.example/recipes/kimchi"
    line.send(page(body=HTML.replace(b"<head>", f'<head><link rel=canonical href="{canonical}">'.encode())))
    services.index.refresh()
    (fate,) = services.index.fates(FateQuery(url=URL)).items
    assert (fate.name, fate.of) == ("indexed", canonical)


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

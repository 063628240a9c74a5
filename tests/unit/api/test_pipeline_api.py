"""`/api/v1/pipeline` and `/api/v1/dead-letters`."""

import re

import pytest

from riverline.errors import Transient
from riverline.model import Origin, Page
from riverline.pipeline.contracts import Failure
from riverline.telemetry import Stage
from riverline.testing.memory_dead_letters import MemoryDeadLetters
from tests.unit.api.conftest import NOW, fate

TOPIC = "crawl.news.example"


def page(n) -> Page:
    url = f"https://news.example/{n}"
    return Page(url, url, b"<html></html>", fetched_at=NOW)


def bury(desk, count):
    for n in range(count):
        desk.log.bury(page(n), Failure(Origin(TOPIC, 0, n), "parse", f"broken {n}", 5, NOW))


def test_the_pipeline_tells_how_far_it_is_behind(desk):
    for n in range(3):
        desk.log.append(TOPIC, page(n))
    bury(desk, 2)
    desk.put(fates=[fate(1), fate(2, "filtered", reason="robots")])
    body = desk.get("/api/v1/pipeline").json
    assert (body["written"], body["committed"], body["lag"], body["dead_letters"]) == (3, 0, 3, 2)
    assert body["fates"] == {"indexed": 1, "filtered:robots": 1}
    assert body["topics"] == [{"topic": TOPIC, "records": 3, "written": 3, "committed": 0, "lag": 3}]


def test_a_pipeline_without_topics_is_empty(desk):
    body = desk.get("/api/v1/pipeline").json
    assert (body["lag"], body["topics"], body["dead_letters"]) == (0, [], 0)


def test_the_stages_of_the_topology_are_told_in_their_order(desk):
    parse, spout = Stage("parse", 4), Stage("pages", 1)
    parse.count("in", 3)
    parse.count("dead")
    parse.observe("tuple", 0.02)
    spout.set("lag", 12)
    for stage in (parse, spout):
        desk.stages.publish(stage.state(NOW - 1000))
    first, second = desk.get("/api/v1/pipeline").json["stages"]
    assert (first["name"], first["lag"], first["latency_ms"]) == ("pages", 12, None)
    assert (second["name"], second["tasks"], second["in_flight"], second["dead"]) == ("parse", 1, 3, 1)
    assert (second["latency_ms"], second["lag"], second["at"]) == (20, None, "2025-10-09T08:53:19.000Z")


def test_without_word_of_the_stages_the_rest_is_told(desk):
    desk.stages.fresh = away
    body = desk.get("/api/v1/pipeline").json
    assert (body["stages"], body["lag"]) == ([], 0)
    assert "riverline_stage_in_total{" not in desk.get("/metrics").get_data(as_text=True)


def away(now_ms):
    raise Transient("Redis is away")


def test_prometheus_is_told_of_every_task_by_component(desk):
    stage = Stage("index", 7)
    stage.count("bulks", 2)
    stage.set("bulk_size", 40)
    stage.observe("bulk", 0.2)
    stage.observe("bulk", 0.02)
    desk.stages.publish(stage.state(NOW))
    text = desk.get("/metrics").get_data(as_text=True)
    task = 'component="index",task="7"'
    assert f"riverline_stage_bulks_total{{{task}}} 2.0" in text
    assert f"riverline_stage_bulk_size{{{task}}} 40.0" in text
    assert 'riverline_stage_bulk_seconds_count{component="index",task="7"} 2.0' in text
    (bucket,) = re.findall(
        r'riverline_stage_bulk_seconds_bucket\{component="index",(?:task="7",)?le="0.1".*\} (.*)', text
    )
    assert bucket == "1.0"


def test_dead_letters_are_listed_the_newest_first_in_pages(desk):
    bury(desk, 5)
    first = desk.get("/api/v1/dead-letters?limit=3").json
    assert [item["error"] for item in first["items"]] == ["broken 4", "broken 3", "broken 2"]
    assert first["items"][0]["origin"] == f"{TOPIC}-0-4"
    rest = desk.get(f"/api/v1/dead-letters?limit=3&before={first['next_before']}").json
    assert [item["error"] for item in rest["items"]] == ["broken 1", "broken 0"]
    assert (rest["next_before"], rest["total"]) == (None, 5)


def test_where_nothing_failed_there_are_none(desk):
    body = desk.get("/api/v1/dead-letters").json
    assert (body["items"], body["next_before"], body["total"]) == ([], None, 0)


def test_dead_letters_are_sent_again(desk):
    bury(desk, 2)
    chosen = {"records": [{"partition": 0, "offset": n} for n in (1, 1, 99)]}
    answer = desk.client.post("/api/v1/dead-letters/replays", json=chosen)
    assert (answer.status_code, answer.json) == (200, {"sent": 1, "passed_over": 1})
    (record,) = desk.log.read(TOPIC, 0, 0, 10)
    assert (record.page.url, record.page.replay_of) == ("https://news.example/1", f"{TOPIC}-0-1")


def places(*offsets):
    return {"records": [{"partition": 0, "offset": offset} for offset in offsets]}


def test_a_dead_letter_that_is_sent_again_and_dies_again_is_still_one(desk):
    desk.log.append(TOPIC, page(0))
    bury(desk, 1)
    assert desk.client.post("/api/v1/dead-letters/replays", json=places(0)).json["sent"] == 1
    assert [item["state"] for item in desk.get("/api/v1/dead-letters").json["items"]] == ["sent"]
    desk.log.bury_raw(desk.log.records[TOPIC][1], Failure(Origin(TOPIC, 0, 1), "parse", "broken again", 5, NOW))
    body = desk.get("/api/v1/dead-letters").json
    assert (body["total"], body["states"]["waiting"]) == (1, 1)
    [item] = body["items"]
    assert (item["state"], item["error"], item["offset"], item["failures"]) == ("waiting", "broken again", 1, 2)


def test_dead_letters_are_listed_by_state(desk):
    bury(desk, 3)
    desk.client.post("/api/v1/dead-letters/replays", json=places(0))
    answer = desk.client.post("/api/v1/dead-letters/dismissals", json=places(1, 99))
    assert (answer.status_code, answer.json) == (200, {"dismissed": 1, "passed_over": 1})
    for state, error in (("sent", "broken 0"), ("dismissed", "broken 1"), ("waiting", "broken 2"), ("settled", None)):
        body = desk.get(f"/api/v1/dead-letters?state={state}").json
        assert [item["error"] for item in body["items"]] == ([error] if error else [])
        assert body["total"] == body["states"][state] == len(body["items"])
    assert desk.get("/api/v1/dead-letters?state=lost").status_code == 422


def test_the_pipeline_counts_the_letters_that_wait_and_tells_the_rest_without_mysql(desk):
    bury(desk, 2)
    desk.client.post("/api/v1/dead-letters/dismissals", json=places(1))
    body = desk.get("/api/v1/pipeline").json
    assert (body["dead_letters"], body["dead_letters_waiting"]) == (2, 1)


def test_without_the_catalogue_the_pipeline_tells_the_rest(desk, monkeypatch):
    monkeypatch.setattr(MemoryDeadLetters, "counts", lambda self: away(NOW))
    body = desk.get("/api/v1/pipeline").json
    assert (body["lag"], body["dead_letters_waiting"]) == (0, None)
    assert desk.get("/api/v1/dead-letters").status_code == 503


@pytest.mark.parametrize("wrong", [{"records": []}, {"records": [{"partition": 0}]}, {"records": [{"offset": -1}]}])
def test_a_wrong_choice_is_refused(desk, wrong):
    assert desk.client.post("/api/v1/dead-letters/replays", json=wrong).status_code == 422

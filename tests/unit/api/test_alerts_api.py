"""`/api/v1/alerts` and `/api/v1/pipeline/history`."""

import pytest

from riverline.monitoring.contracts import Incident, ScaleAction
from riverline.monitoring.history import HistoryRecorder
from riverline.monitoring.sample import Sample
from riverline_api.http.datetimes import rfc3339
from tests.unit.api.conftest import NOW

MINUTE = 60_000


def incident(number, until=None):
    return Incident("stage_slow", f"s{number}", "warning", NOW + number, 0.9, "It is slow.\n느립니다.", until=until)


def test_incidents_are_listed_the_newest_first_in_pages(desk):
    for number in range(5):
        desk.incidents.save(incident(number))
    first = desk.get("/api/v1/alerts?limit=3").json
    assert [item["subject"] for item in first["items"]] == ["s4", "s3", "s2"]
    rest = desk.get(f"/api/v1/alerts?limit=3&cursor={first['next_cursor']}").json
    assert ([item["subject"] for item in rest["items"]], rest["next_cursor"]) == (["s1", "s0"], None)


def test_an_incident_says_what_is_to_be_done_in_both_languages(desk):
    desk.incidents.save(incident(0, until=NOW + 9))
    (item,) = desk.get("/api/v1/alerts").json["items"]
    assert (item["sentence"], item["sentence_ko"]) == ("It is slow.", "느립니다.")
    assert item["until"].endswith("Z")


def test_open_ones_can_be_asked_for_alone(desk):
    desk.incidents.save(incident(0, until=NOW + 9))
    desk.incidents.save(incident(1))
    assert [item["subject"] for item in desk.get("/api/v1/alerts?state=open").json["items"]] == ["s1"]


def test_a_cursor_belongs_to_one_list(desk):
    for number in range(2):
        desk.incidents.save(incident(number))
    following = desk.get("/api/v1/alerts?limit=1").json["next_cursor"]
    assert desk.get(f"/api/v1/alerts?limit=1&state=open&cursor={following}").status_code == 422


@pytest.mark.parametrize("wrong", ["cursor=x", "cursor=%20", "cursor=LTE", "limit=0", "state=closed"])
def test_a_wrong_question_is_refused(desk, wrong):
    assert desk.get(f"/api/v1/alerts?{wrong}").status_code == 422


def test_the_history_is_that_of_the_pipeline_over_an_hour(desk):
    recorder = HistoryRecorder(desk.key_value)
    for turn in range(4):
        recorder.add(Sample(NOW + (turn - 3) * MINUTE, {"lag": 5.0, "stage_busy/parse": 0.5, "cpu": 0.1}))
    series = desk.get("/api/v1/pipeline/history").json["series"]
    assert series.keys() == {"lag", "stage_busy/parse"}
    assert series["lag"] == [[NOW + (turn - 3) * MINUTE, 5.0] for turn in range(4)]


def test_series_and_time_can_be_chosen(desk):
    recorder = HistoryRecorder(desk.key_value)
    for turn in range(4):
        recorder.add(Sample(NOW + (turn - 3) * MINUTE, {"lag": 5.0, "cpu": float(turn)}))
    series = desk.get(
        f"/api/v1/pipeline/history?series=cpu&from={rfc3339(NOW - 60 * MINUTE)}&to={rfc3339(NOW - MINUTE)}"
    ).json["series"]
    assert [value for _, value in series["cpu"]] == [0.0, 1.0, 2.0]


def test_what_was_done_about_it_is_told(desk):
    desk.incidents.note(ScaleAction(NOW - MINUTE, "parse", 2, 4, "1200 records wait"))
    (action,) = desk.get("/api/v1/pipeline/history").json["actions"]
    assert (action["what"], action["before"], action["after"], action["reason"]) == ("parse", 2, 4, "1200 records wait")


def test_without_a_monitor_the_history_is_empty(desk):
    assert desk.get("/api/v1/pipeline/history").json == {"series": {}, "actions": []}


@pytest.mark.parametrize("wrong", ["from=2020-01-01", f"series={'a,' * 60}", "series=a&series=b", "from=x"])
def test_a_wrong_span_or_choice_is_refused(desk, wrong):
    assert desk.get(f"/api/v1/pipeline/history?{wrong}").status_code == 422

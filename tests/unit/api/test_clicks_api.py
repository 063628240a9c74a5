"""`POST /api/v1/search/clicks`."""

import pytest

from riverline.errors import Transient
from tests.unit.api.conftest import document

URL = "https://news.example/a"


@pytest.fixture
def request_id(desk):
    desk.put(document())
    return desk.get("/api/v1/search?q=river").json["request_id"]


def click(desk, request_id, url=URL, **more):
    return desk.client.post("/api/v1/search/clicks", json={"request_id": request_id, "url": url, "position": 1, **more})


def sent(desk):
    return [arguments for name, arguments in desk.sent if name == "tasks.count_click"]


def test_a_click_on_a_result_that_was_shown_is_counted(desk, request_id):
    answer = click(desk, request_id)
    assert (answer.status_code, answer.json) == (202, {"counted": True})
    assert desk.clicks.of([URL]) == {URL: 1}
    ((visit, url, position),) = sent(desk)
    assert (len(visit), url, position) == (32, URL, 1) and visit != request_id


def test_a_click_is_noted_at_its_search(desk, request_id):
    click(desk, request_id, position=1)
    assert [arguments for name, arguments in desk.sent if name == "tasks.note_click"] == [(request_id, 1)]


def test_a_second_click_is_not_counted(desk, request_id):
    click(desk, request_id)
    assert click(desk, request_id).json == {"counted": False}
    assert desk.clicks.of([URL]) == {URL: 1}


def test_a_person_counts_once_a_page_and_day_however_often_it_searches(desk, request_id):
    again = desk.get("/api/v1/search?q=river&sort=newest").json["request_id"]
    other = {"X-Forwarded-For": "203.0.113.9"}
    assert click(desk, request_id).json == {"counted": True}
    assert click(desk, again).json == {"counted": False}
    body = {"request_id": again, "url": URL, "position": 1}
    assert desk.client.post("/api/v1/search/clicks", json=body, headers=other).json == {"counted": True}
    assert desk.clicks.of([URL]) == {URL: 2}


def test_what_a_bot_clicks_does_not_count(desk, request_id):
    body = {"request_id": request_id, "url": URL, "position": 1}
    answer = desk.client.post("/api/v1/search/clicks", json=body, headers={"User-Agent": "Googlebot/2.1"})
    assert (answer.status_code, answer.json) == (202, {"counted": False})
    assert sent(desk) == [] and desk.clicks.of([URL]) == {}


def test_what_was_not_shown_is_not_counted(desk, request_id):
    assert click(desk, request_id, "https://spam.example/").status_code == 404
    assert click(desk, "0" * 32).status_code == 404
    assert sent(desk) == []


def test_what_the_page_showed_counts_too(desk):
    desk.put(document())
    request_id = desk.get("/?q=river").headers["X-Request-Id"]
    assert click(desk, request_id).status_code == 202


def test_while_the_ledger_of_clicks_is_away_the_task_writes_it_down(desk, request_id):
    desk.clicks.add = lambda *_: (_ for _ in ()).throw(Transient("MySQL: away"))
    assert click(desk, request_id).status_code == 202
    assert [arguments[1:] for arguments in sent(desk)] == [(URL, 1)]


@pytest.mark.parametrize("wrong", [{"position": 0}, {"request_id": "x"}, {"url": ""}, {"colour": "red"}])
def test_a_wrong_field_is_refused(desk, request_id, wrong):
    assert click(desk, **{"request_id": request_id, **wrong}).status_code == 422

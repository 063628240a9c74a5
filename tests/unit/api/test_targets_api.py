"""`/api/v1/crawl/targets`."""

from urllib.parse import quote

import pytest

from riverline.model import Target
from riverline.services import Services
from riverline.settings import Settings
from riverline.testing.memory import MemoryIndex, MemoryLog
from riverline.testing.memory_audit_log import MemoryAuditLog
from riverline.testing.memory_targets import MemoryTargets
from riverline_api.app import create_app

PATH = "/api/v1/crawl/targets"
A = {"name": "a", "start_urls": ["http://a.example/"]}


@pytest.fixture
def client():
    store = MemoryTargets()
    services = Services(
        Settings(), MemoryIndex(), MemoryLog(), make_targets=lambda: store, make_audit_log=MemoryAuditLog
    )
    return create_app(services, None, {}).test_client()


def test_a_target_that_is_added_is_listed(client):
    answer = client.post(PATH, json=A)
    assert (answer.status_code, answer.headers["Location"]) == (201, f"{PATH}/a")
    (item,) = client.get(PATH).json["items"]
    assert item == client.get(f"{PATH}/a").json == answer.json
    assert (item["rate"], item["worker"], item["revision"]) == (1.0, "", 1)


def test_a_target_is_replaced_whole(client):
    client.post(PATH, json={**A, "rate": 5})
    changed = client.put(f"{PATH}/a", json={**A, "depth": 2}).json
    assert (changed["rate"], changed["depth"], changed["revision"]) == (1.0, 2, 2)


def test_a_target_that_is_removed_is_not_there(client):
    client.post(PATH, json=A)
    assert client.delete(f"{PATH}/a").status_code == 204
    assert client.get(f"{PATH}/a").status_code == 404


def test_a_name_twice_is_a_conflict(client):
    client.post(PATH, json=A)
    assert client.post(PATH, json=A).status_code == 409


@pytest.mark.parametrize("wrong", [{"rate": 0}, {"kind": "search"}, {"colour": "red"}, {"start_urls": []}])
def test_a_wrong_field_is_refused(client, wrong):
    assert client.post(PATH, json={**A, **wrong}).status_code == 422


@pytest.mark.parametrize(
    "wrong",
    [
        {"start_urls": ["http://127.0.0.1:9200/"]},
        {"start_urls": ["http://a.example/", "http://[64:ff9b::10.0.0.1]/"]},
        {"start_urls": ["http://169.254.169.254/latest/meta-data/"]},
        {"proxy": "http://127.0.0.1:6379"},
    ],
)
def test_no_token_opens_the_operators_own_network(client, wrong):
    answer = client.post(PATH, json={**A, **wrong})
    assert (answer.status_code, "RIVERLINE_CRAWL__PRIVATE" in answer.json["detail"]) == (422, True)
    client.post(PATH, json=A)
    assert client.put(f"{PATH}/a", json={**A, **wrong}).status_code == 422


@pytest.mark.parametrize(
    "wrong", [{"start_urls": ["http://mina:geheim@a.example/"]}, {"proxy": "http://mina:geheim@proxy.example:3128"}]
)
def test_no_password_is_kept_or_sent_back(client, wrong):
    answer = client.post(PATH, json={**A, **wrong})
    assert answer.status_code == 422
    assert "geheim" not in answer.text


def test_a_password_that_was_kept_before_is_not_shown():
    store = MemoryTargets()
    store.add(Target("a", start_urls=("http://mina:geheim@a.example/x@y",)))
    services = Services(
        Settings(), MemoryIndex(), MemoryLog(), make_targets=lambda: store, make_audit_log=MemoryAuditLog
    )
    shown = create_app(services, None, {}).test_client().get(PATH)
    assert shown.json["items"][0]["start_urls"] == ["http://a.example/x@y"]


@pytest.mark.parametrize("name", [".", "..", "a\\b", "a\u0000b", "a\nb", "a\u0085b"])
def test_a_name_that_no_address_can_hold_is_refused(client, name):
    assert client.post(PATH, json={**A, "name": name}).status_code == 422


@pytest.mark.parametrize("name", ["...", "a b", "a%2Fb", "a?b#c", "뉴스 한강", "a;b=c&d", "-a", "..a", "~", "%"])
def test_what_may_be_added_can_be_removed(client, name):
    answer = client.post(PATH, json={**A, "name": name})
    assert answer.status_code == 201
    assert client.delete(f"{PATH}/{quote(name, safe='')}").status_code == 204
    assert client.get(PATH).json["items"] == []

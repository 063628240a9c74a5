"""`/api/v1/crawl/targets`."""

import pytest

from api.app import create_app
from riverline.assembly import Services
from riverline.settings import Settings
from riverline.stores.memory import MemoryIndex, MemoryLog
from riverline.stores.memory_targets import MemoryTargets

PATH = "/api/v1/crawl/targets"
A = {"name": "a", "start_urls": ["http://a.example/"]}


@pytest.fixture
def client():
    store = MemoryTargets()
    services = Services(Settings(), MemoryIndex(), MemoryLog(), make_targets=lambda: store)
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

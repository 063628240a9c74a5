"""`/api/v1/outbox`."""

import pytest

from riverline.feed.contracts import MOST_FAILURES
from tests.unit.api.test_feed_api import NOW, Village


@pytest.fixture
def village():
    return Village()


def park(village, count):
    user = village.user()
    for _ in range(count):
        village.post(user)
    repository = village.feed.repository
    jobs = [job for job in list(repository.outbox.values()) if job.task == "index_post"]
    for job in jobs:
        for _ in range(MOST_FAILURES):
            repository.failed(job.id, "Invalid: no")
    return [job.id for job in jobs]


def test_parked_jobs_are_listed_in_pages_with_the_reason(village):
    ids = park(village, 3)
    first = village.client.get("/api/v1/outbox?limit=2").json
    assert (first["waiting"], [one["id"] for one in first["parked"]], first["next_after"]) == (3, ids[:2], ids[1])
    assert first["parked"][0] == {
        "id": ids[0],
        "task": "index_post",
        "payload": {"post_id": first["parked"][0]["payload"]["post_id"]},
        "failures": MOST_FAILURES,
        "error": "Invalid: no",
        "created_at": "2025-10-09T08:53:20.000Z",
        "parked_at": "2025-10-09T08:53:20.000Z",
    }
    assert NOW == 1_760_000_000_000
    rest = village.client.get(f"/api/v1/outbox?after={first['next_after']}").json
    assert ([one["id"] for one in rest["parked"]], rest["next_after"]) == (ids[2:], None)


def test_parked_jobs_are_sent_again(village):
    ids = park(village, 2)
    answer = village.client.post("/api/v1/outbox/retries", json={"ids": [ids[0], ids[0], 1 << 40]})
    assert (answer.status_code, answer.json) == (200, {"sent": 1, "passed_over": 1})
    assert [one.job.id for one in village.feed.repository.parked(0, 10)] == ids[1:]


@pytest.mark.parametrize("wrong", [{}, {"ids": []}, {"ids": ["x"]}, {"ids": [-1]}])
def test_a_wrong_choice_is_refused(village, wrong):
    assert village.client.post("/api/v1/outbox/retries", json=wrong).status_code == 422

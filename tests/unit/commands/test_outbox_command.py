"""`riverline outbox`."""

import json

import pytest
from typer.testing import CliRunner

from riverline.errors import Invalid
from riverline.feed.contracts import MOST_FAILURES
from riverline.testing.memory_feed_repository import MemoryFeedRepository
from riverline_commands import outbox


@pytest.fixture
def repository(monkeypatch):
    made = MemoryFeedRepository()
    monkeypatch.setattr(outbox, "_repository", lambda: made)
    user = made.create_user("a@example.org", "A").id
    for job in made.add_post(user, "text", (), "en").jobs:
        for _ in range(MOST_FAILURES):
            made.failed(job.id, f"KeyError: {job.task}")
    return made


def run(*arguments):
    answer = CliRunner().invoke(outbox.app, list(arguments), catch_exceptions=False)
    assert answer.exit_code == 0, answer.output
    return answer.stdout


def test_parked_jobs_are_listed_with_the_reason(repository):
    assert "KeyError: fan_out" in run("list")
    found = json.loads(run("list", "--json"))
    assert [one["job"]["task"] for one in found["parked"]] == ["fan_out", "index_post"] and found["waiting"] == 0


def test_those_that_are_named_are_sent_again_and_the_others_stay(repository):
    first = repository.parked(0, 1)[0].job.id
    assert run("retry", str(first), "999") == "Sent again: 1. 1 not parked.\n"
    assert [one.job.task for one in repository.parked(0, 10)] == ["index_post"]
    assert repository.outbox.keys() == {first}


def test_all_are_sent_again_when_asked_for(repository, monkeypatch):
    monkeypatch.setattr(outbox, "SLICE", 1)
    assert json.loads(run("retry", "--all", "--json")) == {"sent": 2, "passed_over": 0}
    assert "No job is parked" in run("list")


@pytest.mark.parametrize("arguments", [["retry"], ["retry", "--all", "3"]])
def test_what_is_not_said_clearly_is_asked_for(repository, arguments):
    with pytest.raises(Invalid, match="--all"):
        run(*arguments)

"""`riverline replay`."""

import json

import pytest
from typer.testing import CliRunner

from riverline.errors import Invalid
from riverline.model import Origin, Page
from riverline.pipeline.contracts import Failure
from riverline.services import Services
from riverline.settings import Settings
from riverline.testing.memory import MemoryIndex, MemoryLog
from riverline.testing.memory_dead_letters import MemoryDeadLetters
from riverline_commands import replay
from riverline_commands.main import application

NOW = 1_760_000_000_000
TOPIC = "crawl.a.example"


@pytest.fixture
def services(monkeypatch):
    log, catalogue = MemoryLog(clock=lambda: NOW), MemoryDeadLetters()
    made = Services(Settings(), MemoryIndex(), log, lambda: NOW, make_catalogue=lambda: catalogue)
    monkeypatch.setattr(replay, "assemble", lambda _: made)
    monkeypatch.setattr(log, "close", lambda: None)
    for number in range(3):
        page = Page(f"http://a.example/{number}", f"http://a.example/{number}", b"body")
        log.append(TOPIC, page)
        log.bury(page, Failure(Origin(TOPIC, 0, number), "parse", "no", 5, NOW + number * 1000))
    return made


def run(*arguments):
    answer = CliRunner().invoke(application(), ["replay", *arguments], catch_exceptions=False)
    assert answer.exit_code == 0, answer.output
    return answer.stdout


def sent(*arguments):
    return [row["origin"] for row in json.loads(run(*arguments, "--json"))["records"]]


def test_dead_letters_that_wait_are_sent_and_not_again(services):
    assert run("dead-letter") == "3 records sent.\n"
    assert [record.page.replay_of for record in services.log.read(TOPIC, 0, 3, 9)] == [
        f"{TOPIC}-0-{n}" for n in range(3)
    ]
    assert run("dead-letter") == "No dead letter is waiting.\n"


def test_all_is_for_those_that_were_sent_or_dismissed(services):
    queue = services.dead_letters
    queue.dismiss(queue.at([(0, 1)]))
    assert sent("dead-letter") == ["dead-letter-0-0", "dead-letter-0-2"]
    assert sorted(sent("dead-letter", "--all")) == [f"dead-letter-0-{n}" for n in range(3)]


def test_a_dry_run_says_what_would_be_sent(services):
    said = run("dead-letter", "--dry-run", "--from", "2")
    assert said == f"dead-letter-0-2 -> {TOPIC}  http://a.example/2\n1 record would be sent.\n"
    assert len(services.log.records[TOPIC]) == 3


def test_dead_letters_are_chosen_by_offset_or_by_the_time_of_their_failure(services):
    assert sent("dead-letter", "--from", "2025-10-09T08:53:21Z", "--dry-run") == ["dead-letter-0-1", "dead-letter-0-2"]
    assert sent("dead-letter", "--from", "1", "--dry-run") == ["dead-letter-0-1", "dead-letter-0-2"]


def test_a_topic_is_sent_again_whole(services):
    assert sent(TOPIC) == [f"{TOPIC}-0-{n}" for n in range(3)]


def test_what_is_neither_an_offset_nor_a_time_is_refused(services):
    with pytest.raises(Invalid, match="neither an offset nor a time"):
        run("dead-letter", "--from", "yesterday")

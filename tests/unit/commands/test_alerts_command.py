"""`riverline alerts`."""

import json

import pytest
from typer.testing import CliRunner

from riverline import logs
from riverline.errors import Fatal, Invalid, NotFound
from riverline.monitoring.contracts import Incident
from riverline.testing.memory_incidents import MemoryIncidents
from riverline_commands import alerts
from tests.support.receivers import WebhookReceiver

NOW = 1_760_000_000_000


@pytest.fixture
def store(monkeypatch):
    made = MemoryIncidents()
    monkeypatch.setattr(alerts, "_incidents", lambda: made)
    return made


def run(*arguments):
    logs.configure()  # as the program does: the log is on the other stream
    answer = CliRunner().invoke(alerts.app, [*arguments, "--json"], catch_exceptions=False)
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.stdout)


def test_incidents_that_go_on_are_listed_and_all_when_asked(store):
    for number, until in ((1, None), (2, NOW + 60_000)):
        store.save(Incident("stage_slow", f"s{number}", "warning", NOW, 0.9, "Slow.\n느림.", until=until))
    assert [item["subject"] for item in run("list")["items"]] == ["s1"]
    assert [item["subject"] for item in run("list", "--all")["items"]] == ["s2", "s1"]


def test_a_table_is_for_people(store):
    store.save(Incident("stage_slow", "parse", "warning", NOW, 0.9, "The stage is slow.\n느림."))
    answer = CliRunner().invoke(alerts.app, ["list"], catch_exceptions=False)
    assert "The stage is slow." in answer.stdout


def test_a_silence_is_made_shown_and_ended(store):
    made = run("silence", "stage_slow", "--subject", "parse", "--minutes", "5", "--reason", "a drill")
    assert run("list")["silences"] == [made]
    run("unsilence", str(made["id"]))
    assert run("list")["silences"] == []


def test_a_silence_of_no_rule_is_refused(store):
    with pytest.raises(Invalid, match="there is no rule nonsense"):
        run("silence", "nonsense")
    with pytest.raises(NotFound):
        run("unsilence", "99")


def test_a_test_goes_by_every_channel(monkeypatch, tmp_path):
    monkeypatch.setenv("RIVERLINE_HOME", str(tmp_path))
    with WebhookReceiver() as receiver:
        monkeypatch.setenv("RIVERLINE_MONITOR__WEBHOOK", receiver.url)
        assert run("test") == {"log": "ok", "webhook": "ok"}
    assert len(receiver.texts) == 2


def test_a_channel_that_fails_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("RIVERLINE_HOME", str(tmp_path))
    monkeypatch.setenv("RIVERLINE_MONITOR__WEBHOOK", "http://127.0.0.1:9/x")
    with pytest.raises(Fatal, match="not sent by webhook"):
        run("test")

"""`riverline audit-log`."""

import json

import pytest
from typer.testing import CliRunner

from riverline_commands import audit_log
from riverline_commands.main import application
from tests.support.site import empty

NOW = 1_760_000_000_000


@pytest.fixture
def trail(monkeypatch):
    made = empty(lambda: NOW)
    monkeypatch.setattr(audit_log, "assemble", lambda _: made.services)
    return made.services.audit_log


def run(*arguments):
    answer = CliRunner().invoke(application(), ["audit-log", *arguments], catch_exceptions=False)
    assert answer.exit_code == 0, answer.output
    return answer.stdout


def test_what_was_done_is_listed(trail):
    assert run() == "Nothing was done yet.\n"
    trail.add("user 7", "login.link", "user 7")
    trail.add("token 3", "remove.site", "news.example", "asked for")
    assert [one["action"] for one in json.loads(run("--json"))] == ["remove.site", "login.link"]
    assert "news.example" in run("--action", "remove") and "login.link" not in run("--action", "remove")
    assert len(json.loads(run("--limit", "1", "--json"))) == 1

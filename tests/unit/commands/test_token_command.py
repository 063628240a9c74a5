"""`riverline token`."""

import json

import pytest
from typer.testing import CliRunner

from riverline.accounts.tokens import digest_of
from riverline.errors import Invalid
from riverline.testing.memory_tokens import MemoryTokens
from riverline_commands import token


@pytest.fixture
def tokens(monkeypatch):
    store = MemoryTokens()
    monkeypatch.setattr(token, "_tokens", lambda: store)
    return store


def run(*arguments):
    answer = CliRunner().invoke(token.app, [*arguments, "--json"], catch_exceptions=False)
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.stdout)


def test_a_token_is_shown_once_and_listed_without_its_secret(tokens):
    made = run("create", "--user", "7", "--scope", "admin", "--days", "30", "--name", "laptop")
    assert tokens.find(digest_of(made["token"])).user_id == 7
    (listed,) = run("list")
    assert (listed["id"], listed["scopes"], listed["name"]) == (made["id"], "admin", "laptop")
    assert made["token"] not in json.dumps(listed)
    assert tokens.all()[0].digest not in json.dumps(listed)


def test_a_revoked_token_says_so(tokens):
    run("create", "--user", "7")
    run("revoke", "1")
    assert run("list", "--user", "7")[0]["revoked"]


@pytest.mark.parametrize(("user", "scopes"), [(None, ()), (7, ("root",))])
def test_a_token_that_would_open_nothing_is_refused(tokens, user, scopes):
    with pytest.raises(Invalid):
        token.created(tokens, user, scopes, None, "")

"""`riverline mysql` and `riverline backup` where they must not go on by themselves."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from riverline.errors import Invalid
from riverline_commands.main import application


@pytest.mark.parametrize("words", [("mysql", "downgrade", "0001"), ("backup", "restore")])
def test_what_loses_data_asks_for_a_yes(words: tuple[str, ...]) -> None:
    said = CliRunner().invoke(application(), list(words))
    assert isinstance(said.exception, Invalid)
    assert "--yes" in str(said.exception)

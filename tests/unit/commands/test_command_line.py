"""The command line as a whole: help without imports, examples, completion, and what it says of slips."""

import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from riverline.crawl.targets import targets_of
from riverline.errors import Invalid
from riverline_commands import fates as fates_command
from riverline_commands.catalogue import BEGINNING, COMMANDS, EXAMPLES
from riverline_commands.main import application
from tests.unit.docs.test_reference import FOUND, problem

HEAVY = (
    "rich",
    "riverline.services",
    "riverline.settings",
    "kafka",
    "sqlalchemy",
    "elasticsearch",
    "scrapy",
    "pydantic",
)


def said(*arguments):
    answer = CliRunner().invoke(application(), list(arguments))
    return answer.exit_code, answer.output


def test_the_help_imports_nothing_that_commands_work_with():
    asks = (
        "import sys; from riverline_commands.main import application; application()(['--help'], standalone_mode=False)"
    )
    shows = f"print(*[name for name in {HEAVY!r} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", f"{asks}; {shows}"], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == ""


@pytest.mark.parametrize("name", COMMANDS)
def test_the_catalogue_says_what_the_command_says(name):
    command = typer.main.get_command(application()).commands[name]
    first = " ".join((command.help or "").split("\n\n")[0].split())
    assert first.startswith(COMMANDS[name][1])


def test_commands_stand_in_groups():
    code, help_ = said("--help")
    assert code == 0
    assert [group for group in ("Run", "Crawl and search", "Watch", "Mend") if f"\n{group}:\n" not in help_] == []
    assert [name for name in COMMANDS if name not in help_] == []


def test_every_command_has_an_example_and_none_is_of_what_does_not_exist():
    paths = {path.removeprefix("riverline ") for path in FOUND}
    groups = {path.rpartition(" ")[0] for path in paths} - {""}
    assert paths | groups == EXAMPLES.keys()


@pytest.mark.parametrize("line", [*BEGINNING, *(line for lines in EXAMPLES.values() for line in lines)])
def test_an_example_can_be_typed(line):
    assert problem(line.split()) == ""


def test_examples_stand_in_the_help():
    assert "riverline fates --outcome dead --traceback" in said("fates", "--help")[1]
    assert "riverline stack restart api" in said("stack", "restart", "--help")[1]
    assert "riverline crawl https://example.org" in said("crawl", "--help")[1]
    assert "riverline crawl https://example.org" in said("--help")[1]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_commands(shell):
    variables = {"_RIVERLINE_COMPLETE": f"complete_{shell}", "COMP_WORDS": "riverline sta", "COMP_CWORD": "1"}
    variables |= {"_TYPER_COMPLETE_ARGS": "riverline sta", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    answer = CliRunner().invoke(application(), [], env=variables, prog_name="riverline")
    assert "stack" in answer.output and "status" in answer.output and "doctor" not in answer.output


def test_a_slip_is_answered_with_what_was_meant():
    code, output = said("stauts")
    assert code == 2 and "Did you mean" in output and "status" in output


def test_an_outcome_that_there_is_none_is_refused():
    with pytest.raises(Invalid, match=r"there is no outcome lost\. Outcomes: indexed, duplicate, filtered, dead"):
        fates_command.fates(outcome="lost")


def test_a_file_of_targets_is_answered_with_the_field_that_was_meant():
    with pytest.raises(Invalid, match=r"targets\[0\]\.start_url: there is no such field; did you mean start_urls\?"):
        targets_of(b'{"targets": [{"name": "a", "start_urls": ["http://a.example"], "start_url": "x"}]}', "mine.json")

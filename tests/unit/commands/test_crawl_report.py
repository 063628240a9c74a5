"""What a crawl says of itself, and the code that it ends with."""

import pytest
from typer.testing import CliRunner

from riverline.crawl.site_address import target_at
from riverline.errors import Invalid
from riverline.model import Target
from riverline_commands.crawl import app
from riverline_commands.crawl_report import exit_code, problems, so_far
from riverline_crawler.scheduling.fetch_item import Wait
from riverline_crawler.stats import Report

GOOD, DEAD = (Target(name, start_urls=(f"http://{name}.example/",)) for name in ("good", "dead"))


def report(fetched: int) -> Report:
    made = Report(reason="finished")
    made.of("good").fetched = made.of("good").acknowledged = fetched
    made.of("dead").gave_up("name_not_resolved", "http://dead.example/", start=True)
    return made


def test_the_code_says_whether_all_some_or_nothing_was_fetched() -> None:
    assert exit_code(report(3), [GOOD]) == 0
    assert exit_code(report(3), [GOOD, DEAD]) == 3
    assert exit_code(report(0), [GOOD, DEAD]) == 1


def test_a_round_in_which_nothing_has_changed_is_fine() -> None:
    made = Report()
    made.of("good").answers["not_modified"] = 4
    assert exit_code(made, [GOOD]) == 0


def test_pages_that_kafka_did_not_take_are_a_failure() -> None:
    made = report(3)
    made.of("good").acknowledged = 2
    assert exit_code(made, [GOOD]) == 1


def test_every_start_address_that_failed_is_named_with_the_reason() -> None:
    said = list(problems(report(0), [GOOD, DEAD]))
    assert said == [
        "good: no page was fetched",
        "dead: http://dead.example/: the name does not resolve",
        "nothing was fetched",
    ]


def test_a_status_is_named_as_such() -> None:
    made = Report()
    made.of("dead").gave_up("status_500", "http://dead.example/", start=True)
    assert "dead: http://dead.example/: the answer is 500" in list(problems(made, [DEAD]))


def test_the_line_names_what_waits_and_why() -> None:
    made = report(2)
    made.seconds, made.waiting = 10.0, 7
    made.waits = [Wait("slow.example", 6, 31.2, "status_503"), Wait("a.example", 1, 0.0, "robots.txt")]
    line = so_far(made)
    assert "2 pages (0.2/s)" in line
    assert "slow.example 6 pages, 31 s (status_503); a.example 1 pages (robots.txt)" in line


def test_an_address_alone_is_a_target() -> None:
    made = target_at("example.org", {"depth": 2})
    assert (made.name, made.start_urls, made.depth) == ("example.org", ("https://example.org",), 2)
    assert made.allowed_hosts == ("example.org", "www.example.org")
    assert target_at("http://127.0.0.1:8080/a", {}).allowed_hosts == ("127.0.0.1",)


@pytest.mark.parametrize("address", ["https://", "a b", "ftp://example.org/"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(Invalid):
        target_at(address, {})


@pytest.mark.parametrize(
    "line",
    [["https://example.org"], ["--depth", "1", "https://example.org"], ["example.org", "--json"], ["site", "a.b"]],
)
def test_an_address_begins_a_crawl_and_a_missing_contact_is_said_at_once(line: list[str], monkeypatch) -> None:
    monkeypatch.delenv("RIVERLINE_CRAWL__CONTACT", raising=False)
    run = CliRunner().invoke(app, line)
    assert "set RIVERLINE_CRAWL__CONTACT" in str(run.exception)


def test_without_an_address_and_without_a_file_the_command_line_is_wrong() -> None:
    assert CliRunner().invoke(app, []).exit_code == 2

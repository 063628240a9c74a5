"""Each rule fires on the condition that it names, and is silent without it."""

import re

import pytest

from riverline.errors import Fatal
from riverline.monitoring.sample import SERIES
from riverline.settings import ROOT
from riverline_monitor.rules import RuleBook, load, shown
from tests.unit.monitor.watching import BOOK, Watch

LAG = {"lag": 1000.0}


def rising(series, step, **more):
    return lambda turn: {series: float(turn * step), **more}


def always(series, value, **more):
    return lambda turn: {series: value, **more}


# For each rule: what is seen when its condition holds, and what is seen when all but that is so.
CASES = {
    "inflow_above_throughput": (always("pressure", 2.0, **LAG), always("pressure", 1.1, **LAG)),
    "stage_slow": (always("stage_busy/parse", 0.99, **LAG), always("stage_busy/parse", 0.8, **LAG)),
    "lag_growing": (rising("lag", 40), rising("lag", 10)),
    "catching_up_takes_long": (always("catch_up", 1000.0, **LAG), always("catch_up", 600.0, **LAG)),
    "stage_errors": (always("stage_errors/parse", 1.0), always("stage_errors/parse", 0.05)),
    "retries": (always("stage_retries/pages", 1.0), always("stage_retries/pages", 0.2)),
    "dead_letters": (rising("dead_letters_waiting", 1), always("dead_letters_waiting", 7.0)),
    "workers_restart": (rising("storm_restarts", 1), always("storm_restarts", 5.0)),
    "server_down": (always("up/kafka", 0.0), always("up/kafka", 1.0)),
    "program_down": (always("running/api", 0.0), always("running/api", 1.0)),
    "program_restarts": (rising("restarts/api", 1), always("restarts/api", 9.0)),
    "source_silent": (always("answers/log", 0.0), always("answers/log", 1.0)),
    "replica_behind": (always("replica_lag/r", 30.0), always("replica_lag/r", 1.0)),
    "search_red": (always("search_health", 0.0), always("search_health", 1.0)),
    "search_rejects": (rising("search_rejected/write", 1), always("search_rejected/write", 50.0)),
    "search_heap": (always("search_heap/n", 0.95), always("search_heap/n", 0.7)),
    "redis_away": (always("redis_up/r", 0.0), always("redis_up/r", 1.0)),
    "redis_full": (always("redis_memory_share/r", 0.95), always("redis_memory_share/r", 0.5)),
    "outbox_old": (always("outbox_age", 100.0), always("outbox_age", 9.0)),
    "outbox_parked": (always("outbox_parked/fan_out", 1.0), always("outbox_parked/fan_out", 0.0)),
    "queue_old": (always("queue_age/celery", 60.0), always("queue_age/celery", 2.0)),
    "timelines_differ": (rising("timeline_differences", 1), always("timeline_differences", 4.0)),
    "api_errors": (always("api_errors", 0.5), always("api_errors", 0.001)),
    "api_slow": (always("api_p99", 5.0), always("api_p99", 0.2)),
    "disk_filling": (always("disk_used/home", 0.9), always("disk_used/home", 0.7)),
    "disk_full": (always("disk_used/home", 0.99), always("disk_used/home", 0.94)),
    "search_disk": (always("search_disk/n", 0.9), always("search_disk/n", 0.7)),
    "memory_short": (always("memory_used", 0.99), always("memory_used", 0.9)),
    "machine_limit": (always("limited/a Storm supervisor node", 1.0), always("limited/a Storm supervisor node", 0.0)),
}


def test_every_rule_has_its_case():
    assert CASES.keys() == {rule.name for rule in BOOK.rules}


@pytest.mark.parametrize("name", CASES)
def test_it_fires_on_its_condition(name):
    watch = Watch()
    for turn in range(30):
        watch.see_all(CASES[name][0](turn))
    assert name in watch.begun


@pytest.mark.parametrize("name", CASES)
def test_it_is_silent_without(name):
    watch = Watch()
    for turn in range(30):
        watch.see_all(CASES[name][1](turn))
    assert name not in watch.begun


@pytest.mark.parametrize("name", ["inflow_above_throughput", "stage_slow", "catching_up_takes_long"])
def test_it_is_silent_while_nothing_waits(name):
    watch = Watch()
    for turn in range(30):
        watch.see_all(CASES[name][0](turn) | {"lag": 20.0})
    assert watch.notifications == []


def test_a_slow_stage_is_named_within_a_minute():
    watch = Watch()
    for turn in range(12):
        watch.see_all({"stage_busy/parse": 1.0, "stage_busy/tag": 0.1, "pressure": 3.0, "lag": turn * 30.0})
    ((when, _, _, subject),) = [said for said in watch.said if said[2] == "stage_slow"]
    assert (subject, when < 60) == ("parse", True)
    (inflow,) = [one.incident for _, one in watch.notifications if one.incident.rule == "inflow_above_throughput"]
    assert "the slowest stage is parse" in inflow.sentence


@pytest.mark.parametrize("rule", BOOK.rules, ids=lambda rule: rule.name)
def test_a_sentence_says_it_in_english_and_in_korean(rule):
    english, korean = rule.sentence("x", 1.5, "parse").split("\n")
    assert not re.search("[가-힣]", english)
    assert re.search("[가-힣]", korean)
    assert "{" not in english + korean


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ('series = "lag"\nclear = 0', "either above or below"),
        ('series = "lag"\nabove = 1\nbelow = 0\nclear = 0', "either above or below"),
        ('series = "nonsense"\nabove = 1\nclear = 0', "nonsense is not a series"),
        ('series = "lag"\nabove = 1\nclear = 2', "wrong side"),
        ('series = "lag"\nabove = 1\nclear = 0\nmeasure = "mean"', "needs a window"),
    ],
)
def test_a_wrong_rule_is_refused_by_name(tmp_path, wrong, why):
    file = tmp_path / "rules.toml"
    file.write_text(f'[[rule]]\nname = "mine"\nseverity = "info"\nen = "{"x" * 20}"\nko = "{"가" * 10}"\n{wrong}\n')
    with pytest.raises(Fatal, match=f"rule mine.*{why}"):
        load(file)


def test_a_book_looks_back_as_far_as_the_rule_that_looks_farthest_and_keeps_nothing_else():
    book = load()
    assert book.looks_back.keys() == {rule.series for rule in book.rules} | {"lag"}
    assert all(book.looks_back[rule.series] >= rule.window for rule in book.rules)
    assert RuleBook(()).looks_back == {"lag": 0.0}


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.954, "percent", "95 %"),
        (30, "seconds", "30.0 s"),
        (3600, "seconds", "60 min"),
        (86_400, "seconds", "> 24 h"),
        (12.34, "", "12"),
        (1.5, "", "1.5"),
    ],
)
def test_numbers_are_written_for_people(value, unit, text):
    assert shown(value, unit) == text


def test_the_page_names_every_rule_and_every_series():
    page = (ROOT / "docs" / "reference" / "monitoring.md").read_text()
    names = [rule.name for rule in BOOK.rules] + list(SERIES)
    assert [name for name in names if f"`{name}`" not in page] == []


def test_a_sentence_has_the_words_that_go_with_its_number():
    [letters] = [one for one in BOOK.rules if one.name == "dead_letters"]
    assert letters.sentence("", 1.0, "").startswith("1 dead letter arrived")
    assert letters.sentence("", 12.0, "").startswith("12 dead letters arrived")
    [rule] = [one for one in BOOK.rules if one.name == "outbox_parked"]
    assert rule.sentence("fan_out", 1.0, "").startswith("1 job fan_out of the outbox failed repeatedly and is")
    assert rule.sentence("fan_out", 2.0, "").startswith("2 jobs fan_out of the outbox failed repeatedly and are")

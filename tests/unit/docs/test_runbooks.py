"""Runbooks: each alert leads to a page that is there, and each page says how to find out, to mend, and to check."""

import re
import tomllib

import pytest

from riverline.monitoring.runbooks import OTHERWISE, RUNBOOKS, address, runbook
from riverline.settings import ROOT, Settings
from riverline_stack.servers.servers import programs

PAGES = sorted((ROOT / "docs" / "runbooks").glob("*.md"))
RULES = [rule["name"] for rule in tomllib.loads((ROOT / "programs/riverline_monitor/rules.toml").read_text())["rule"]]


@pytest.mark.parametrize("rule", RULES)
def test_every_alert_leads_to_a_page(rule):
    assert (ROOT / "docs" / f"{runbook(rule)}.md").is_file()
    assert address(rule) == f"/guide/{runbook(rule)}/"


def test_no_runbook_is_of_a_rule_that_there_is_none():
    assert set(RUNBOOKS) <= set(RULES)
    assert runbook("unheard_of") == OTHERWISE


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_runbook_says_how_to_find_out_to_mend_and_to_check(page):
    headings = re.findall(r"^## (\w+)", page.read_text(), re.M)
    assert {"Find", "Mend", "Afterwards"} <= set(headings)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_runbook_names_the_alerts_that_lead_to_it(page):
    led = {rule for rule, found in RUNBOOKS.items() if found == f"runbooks/{page.stem}"}
    assert [rule for rule in led if f"`{rule}`" not in page.read_text()] == []


def test_the_programs_that_runbooks_name_are_those_of_the_stack():
    known = {program.name for program in programs(Settings.load())}
    for page in PAGES:
        named = re.findall(r"riverline stack (?:restart|logs) ([\w-]+)", page.read_text())
        assert set(named) <= known, page.stem

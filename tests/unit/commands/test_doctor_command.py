"""`riverline doctor` of a stack that runs, and how commands tell errors."""

import json

import pytest
from typer.testing import CliRunner

from riverline.errors import Transient
from riverline.model import Target
from riverline.monitoring.contracts import Incident
from riverline_commands.console import said
from riverline_commands.main import application
from riverline_commands.running import examine_running
from tests.support.site import empty

NOW = 1_760_000_000_000


def found(site, look=lambda name: None):
    return {one.what: (one.well, one.said, one.mend) for one in examine_running(site.services, look)}


@pytest.fixture
def site():
    return empty(lambda: NOW)


def test_what_goes_wrong_leads_to_the_page_that_helps(site):
    sentence = "The disk is full.\n꽉 찼습니다."
    site.services.incidents.save(Incident("disk_full", "home", "critical", NOW, 0.99, sentence))
    told = found(site)
    assert told["alert disk_full"] == (False, "The disk is full.", "docs/runbooks/disk-full.md")
    assert told["processing"][0] is False and told["processing"][2] == "docs/runbooks/lag-grows.md"
    assert told["dead letters"] == (True, "none is waiting", "")


def test_a_host_without_an_address_and_a_missing_contact_are_said(site):
    def look(name):
        if name == "gone.example":
            raise OSError("no address")

    for name, url in (("a", "https://there.example/"), ("b", "https://gone.example/"), ("c", "http://127.0.0.1:1/")):
        site.services.targets.add(Target(name, start_urls=(url,)))
    told = found(site, look)
    assert told["name gone.example"][:2] == (False, "has no address")
    assert "name there.example" not in told and "name 127.0.0.1" not in told
    assert told["contact"][0] is False and "RIVERLINE_CRAWL__CONTACT" in told["contact"][2]


def test_a_stack_that_crawls_nothing_beyond_the_machine_needs_no_contact(site):
    told = found(site)
    assert told["contact"][0] and told["names"] == (True, "no target names a host by its name", "")


def test_targets_that_cannot_be_read_are_not_known(site, monkeypatch):
    def away():
        raise Transient("MySQL does not answer")

    monkeypatch.setattr(site.services.targets, "all", away)
    assert found(site)["names"] == (False, "not known: MySQL does not answer", "")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "elasticsearch does not answer: Connection error caused by: ConnectionError(Connection error caused by: "
            "NewConnectionError(<urllib3.connection.HTTPConnection object at 0x7f>: [Errno 111] Connection refused))",
            "elasticsearch does not answer: Connection error",
        ),
        ("Nimbus does not answer at 127.0.0.1:6627: [Errno 111] Connection refused",) * 2,
        ("the target a: no such host (b.example)",) * 2,
        ("Kafka does not answer: KafkaTimeoutError('no')", "Kafka does not answer"),
        ("Kafka does not answer: KafkaTimeoutError: Unable to connect", "Kafka does not answer: Unable to connect"),
    ],
)
def test_an_error_is_told_without_what_libraries_wrap_it_in(text, shown):
    assert said(Transient(text)) == shown.replace("[Errno 111] ", "")


def test_settings_that_take_several_are_lists_in_json():
    rows = json.loads(CliRunner().invoke(application(), ["settings", "--json"]).output)
    values = {row["name"]: row["value"] for row in rows}
    assert len(values["RIVERLINE_KAFKA__BOOTSTRAP"]) == 3 and isinstance(values["RIVERLINE_REDIS__NODES"], list)
    assert isinstance(values["RIVERLINE_MYSQL__PRIMARY"], str)

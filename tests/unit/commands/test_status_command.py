"""`riverline status`."""

import pytest

from riverline.errors import Transient
from riverline.model import Origin, Target
from riverline.monitoring.contracts import Incident
from riverline.monitoring.sample import NOW_KEY, Sample
from riverline.pipeline.contracts import Failure
from riverline.stages import STAGES, StageState
from riverline_commands.status import gathered
from tests.support.site import _page, empty

NOW = 1_760_000_000_000


@pytest.fixture
def site():
    made = empty(lambda: NOW)
    for name in STAGES:
        made.services.stages.publish(StageState(name, 0, NOW, rates={"acked": 2.0}))
    values = {"replica_lag/mysql-replica": 0.2, "disk_used/home": 0.4, "inflow": 1.0, "throughput": 1.0}
    made.services.key_value.put(NOW_KEY, Sample(NOW, values).packed(), 60)
    return made


def lines(site):
    return {line.what: (line.state, line.said) for line in gathered(site.services)}


def test_all_that_goes_well_is_said_in_one_screen(site):
    site.services.targets.add(Target("a", start_urls=("http://127.0.0.1/",)))
    assert lines(site) == {
        "processing": ("ok", "keeps up, 0 records are in flight"),
        "alerts": ("ok", "none is open"),
        "targets": ("ok", "1, 0 being crawled, 1 due"),
        "dead letters": ("ok", "none is waiting"),
        "replica mysql-replica": ("ok", "0.2 s behind"),
        "disk home": ("ok", "40% in use"),
    }


def test_what_is_wrong_is_said_with_its_reason(site):
    for n in range(400):
        site.log.append("crawl.a.example", _page(f"http://a.example/{n}", NOW))
    site.log.bury(_page("http://a.example/x", NOW), Failure(Origin("crawl.a.example", 0, 1), "parse", "no", 1, NOW))
    site.services.dead_letters.catch_up()
    site.services.incidents.save(
        Incident("disk_full", "home", "critical", NOW, 0.99, "The disk is full.\n꽉 찼습니다.")
    )
    values = {"replica_lag/mysql-replica": 90.0, "disk_used/home": 0.99, "inflow": 2.0, "throughput": 1.0}
    site.services.key_value.put(NOW_KEY, Sample(NOW, values).packed(), 60)
    found = lines(site)
    assert found["processing"] == ("note", "behind by 400 records, and not catching up")
    assert found["alert disk_full"] == ("bad", "The disk is full.")
    assert found["dead letters"][0] == "note" and "1 waiting" in found["dead letters"][1]
    assert found["replica mysql-replica"][0] == found["disk home"][0] == "bad"


def test_what_a_server_that_is_away_would_say_is_not_known(site, monkeypatch):
    def away(*_):
        raise Transient("MySQL does not answer")

    monkeypatch.setattr(site.services.targets, "all", away)
    assert lines(site)["targets"] == ("bad", "not known: MySQL does not answer")
    assert lines(site)["alerts"] == ("ok", "none is open")


def test_a_topology_that_says_nothing_stands(site, monkeypatch):
    monkeypatch.setattr(site.services.stages, "fresh", lambda _: [])
    assert lines(site)["processing"] == ("bad", "stopped: it has not reported for 30 seconds")

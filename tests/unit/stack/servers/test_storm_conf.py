from __future__ import annotations

import json
from pathlib import Path

from riverline.settings import Settings
from riverline_stack.servers.storm_conf import hosts, slots, storm_yaml, supervisor_address, zoo_cfg

SETTINGS = Settings(home=Path("/home/of/it"))


def told(settings: Settings = SETTINGS) -> dict[str, object]:
    return json.loads(storm_yaml(settings, Path("/log4j2")))


def test_the_workers_ports_are_counted_from_nimbus() -> None:
    assert slots(SETTINGS) == ["127.0.0.1:6700", "127.0.0.1:6701", "127.0.0.1:6702", "127.0.0.1:6703"]


def test_a_shifted_stack_shares_no_port_with_the_first() -> None:
    shifted = SETTINGS.shifted(10_000)
    ours = {*slots(SETTINGS), supervisor_address(SETTINGS), SETTINGS.storm.nimbus}
    assert not ours & {*slots(shifted), supervisor_address(shifted), shifted.storm.nimbus}


def test_thrift_and_messaging_are_kept_to_the_hosts_own_address() -> None:
    assert told()["storm.thrift.transport"] == "riverline.storm.HostTransport"
    assert told()["storm.messaging.transport"] == "riverline.storm.HostContext"


def test_a_worker_of_one_executor_may_begin_with_what_it_has_at_most() -> None:
    """A virtual machine whose heap begins above its most does not start."""
    options = str(told()["worker.childopts"]).split()
    begins = next(int(option[4:-1]) for option in options if option.startswith("-Xms"))
    assert "-Xmx%HEAP-MEM%m" in options
    assert begins <= told()["topology.component.resources.onheap.memory.mb"]


def test_a_host_of_several_knows_itself_and_listens_where_it_is_reached() -> None:
    far = {"zookeeper": "10.1.0.1:2181", "nimbus": "10.1.0.1:6627"}
    of_three = Settings.model_validate({"home": "/home/of/it", "storm": far, "stack": {"host": "10.1.0.3"}})
    assert told()["storm.local.hostname"] == "127.0.0.1"
    assert (told(of_three)["storm.local.hostname"], told(of_three)["nimbus.seeds"]) == ("10.1.0.3", ["10.1.0.1"])
    assert supervisor_address(of_three) == "10.1.0.3:6628"
    assert slots(of_three)[0] == "10.1.0.3:6700"


def test_a_topology_carries_nothing_of_the_host_that_submits_it() -> None:
    settings = [Settings.model_validate({"stack": {"host": host}}) for host in ("10.1.0.1", "10.1.0.2")]
    assert settings[0].for_storm() == settings[1].for_storm()


def test_the_ui_is_kept_to_loopback() -> None:
    assert told()["ui.host"] == "127.0.0.1"


def test_all_that_storm_writes_is_below_the_home() -> None:
    names = ("storm.local.dir", "storm.log.dir", "storm.workers.artifacts.dir", "storm.metricstore.rocksdb.location")
    assert all(str(told()[name]).startswith("/home/of/it/storm/") for name in names)


def test_zookeeper_listens_on_loopback_and_opens_no_admin_server() -> None:
    lines = zoo_cfg(SETTINGS, Path("/data")).splitlines()
    assert {"clientPortAddress=127.0.0.1", "clientPort=2181", "admin.enableServer=false"} <= set(lines)


def test_the_only_supervisor_is_never_set_aside() -> None:
    rounds = 300 // int(str(told()["nimbus.monitor.freq.secs"]))  # in Storm's window of 300 s
    assert int(str(told()["blacklist.scheduler.tolerance.count"])) > rounds


def test_the_machines_own_name_is_its_loopback() -> None:
    assert hosts("bare-host") == "127.0.0.1 localhost bare-host\n"


def test_of_several_hosts_one_that_died_is_missed_within_30_s() -> None:
    several = told(Settings.model_validate({"home": "/home/of/it", "stack": {"host": "10.1.0.3"}}))
    assert int(str(several["nimbus.task.timeout.secs"])) + int(str(several["nimbus.monitor.freq.secs"])) <= 30
    assert several["nimbus.task.launch.secs"] == 30 and told()["nimbus.task.launch.secs"] == 240

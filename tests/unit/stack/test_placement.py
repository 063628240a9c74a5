"""From an inventory of ops/ansible to the settings of each host."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from ansible.filter_plugins.placement import problems, riverline_certificate, riverline_settings, unit_of

from riverline.settings import ROOT, Settings
from riverline_stack.servers import certificates, servers
from riverline_stack.supervision.units import all_programs

EXAMPLES = sorted((ROOT / "ops" / "ansible" / "examples").iterdir())
KEPT_BY_ALL = {"elasticsearch", "kafka", "kafka-broker", "redis", "redis-admin", "redis-replica", "redis-celery"}


def placement(example: Path) -> dict[str, list[str]]:
    hosts = yaml.safe_load((example / "hosts.yml").read_text())["all"]["hosts"]
    return {host["ansible_host"]: host["programs"] for host in hosts.values()}


def settings_of(hosts: dict[str, list[str]], own: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name, value in riverline_settings(hosts, own).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("RIVERLINE_HOME", str(home))
    return Settings.load()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_each_program_of_an_example_listens_on_its_own_host(
    example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hosts = placement(example)
    for own, names in hosts.items():
        programs = {each.name: each for each in servers.programs(settings_of(hosts, own, tmp_path, monkeypatch))}
        assert set(names) <= programs.keys()
        found = {
            name: {address.rpartition(":")[0] for address in programs[name].addresses}
            for name in names
            if not re.match("crawler|monitor", name)  # whose metrics stay on loopback
        }
        allowed = {own} if len(hosts) > 1 else {"127.0.0.1"}
        assert {name: where for name, where in found.items() if where - allowed} == {}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_programs_of_one_host_share_no_port(example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hosts = placement(example)
    for own, names in hosts.items():
        programs = servers.programs(settings_of(hosts, own, tmp_path, monkeypatch))
        ports = [address for each in programs if each.name in names for address in each.addresses]
        assert len(ports) == len(set(ports))


def test_mysql_lets_in_the_hosts_of_the_inventory_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hosts = placement(ROOT / "ops" / "ansible" / "examples" / "three-hosts")
    assert set(settings_of(hosts, "10.1.0.1", tmp_path, monkeypatch).mysql.clients) == set(hosts)


def test_all_hosts_call_the_site_by_the_same_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hosts = placement(ROOT / "ops" / "ansible" / "examples" / "three-hosts")
    assert {settings_of(hosts, own, tmp_path, monkeypatch).api.site for own in hosts} == {"10.1.0.1:8000"}


def test_what_cannot_be_deployed_is_said() -> None:
    hosts = placement(ROOT / "ops" / "ansible" / "examples" / "three-hosts")
    assert problems(hosts) == []
    assert problems(hosts | {"10.1.0.9": ["monitor"]}) == ["more than one host runs monitor"]
    assert problems(hosts | {"10.1.0.9": ["kafka-3"]}) == ["there must be kafka-1 to kafka-3, each on one host"]
    del hosts["10.1.0.1"]
    assert "no host runs zookeeper" in problems(hosts)
    with pytest.raises(ValueError, match="no host runs zookeeper"):
        riverline_settings(hosts, "10.1.0.2")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_every_program_of_an_example_has_a_unit(example: Path) -> None:
    wanted = {unit_of(name) for names in placement(example).values() for name in names}
    assert [name for name in wanted if not (ROOT / "ops" / "systemd" / f"riverline-{name}.service").exists()] == []


def test_one_host_runs_all_that_the_units_run() -> None:
    (names,) = placement(ROOT / "ops" / "ansible" / "examples" / "one-host").values()
    assert set(names) == {program.name for program in all_programs()} - {"nginx", "demo"}


def test_the_passwords_that_hosts_must_share_are_made() -> None:
    made = (ROOT / "ops" / "ansible" / "deploy.sh").read_text()
    listed = re.search(r"for name in ([a-z\s\\-]+); do", made)
    assert listed
    names = set(listed[1].replace("\\", "").split())
    assert names >= KEPT_BY_ALL | {"mysql-application", "mysql-admin", "mysql-replication", "api-signing"}


def test_storm_s_pages_are_those_of_the_own_host_where_it_has_them() -> None:
    hosts = placement(ROOT / "ops" / "ansible" / "examples" / "three-hosts")
    assert {host: riverline_settings(hosts, host)["RIVERLINE_STORM__UI"] for host in hosts} == {
        host: f"{host}:8081" for host in hosts
    }
    first = next(iter(hosts))
    alone = {host: [name for name in names if host == first or name != "storm-ui"] for host, names in hosts.items()}
    assert {riverline_settings(alone, host)["RIVERLINE_STORM__UI"] for host in alone} == {f"{first}:8081"}


def test_a_host_shows_a_certificate_of_the_inventorys_authority_for_its_own_address() -> None:
    authority, key = certificates.new_authority()
    shown = riverline_certificate({"certificate": authority, "key": key}, ["10.1.0.1", "one"])
    assert certificates.lasts(shown) and certificates.lack(shown, authority, ["10.1.0.1", "one", "127.0.0.1"]) == ""
    assert certificates.lack(shown, authority, ["10.1.0.2"]) == "lacks the names 10.1.0.2"

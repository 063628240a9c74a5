from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from riverline.errors import Transient
from riverline.settings import Settings
from riverline_stack.servers import elastic_node
from riverline_stack.servers.addresses import free_address
from riverline_stack.servers.elastic_home import MODULES, descriptor
from riverline_stack.servers.elastic_node import answering, configuration, programs


def test_the_node_listens_on_the_address_of_the_settings_and_no_other() -> None:
    told = configuration(Path("/data"), "127.0.0.1:19200")
    assert (told["network.host"], told["http.port"], told["transport.port"]) == ("127.0.0.1", "19200", "19300")


def test_nodes_of_several_hosts_find_each_other_and_agree_on_who_may_lead_first() -> None:
    cluster = ["10.1.0.1:9200", "10.1.0.2:9200", "10.1.0.3:9200"]
    told = [configuration(Path("/data"), address, cluster) for address in cluster]
    assert [one["node.name"] for one in told] == ["riverline-1", "riverline-2", "riverline-3"]
    assert {one["discovery.seed_hosts"] for one in told} == {'["10.1.0.1:9300", "10.1.0.2:9300", "10.1.0.3:9300"]'}
    assert {one["cluster.initial_master_nodes"] for one in told} == {'["riverline-1", "riverline-2", "riverline-3"]'}
    assert [one["network.host"] for one in told] == ["10.1.0.1", "10.1.0.2", "10.1.0.3"]


@pytest.mark.parametrize(("mappings", "told"), [(65_530, "false"), (262_144, None)])
def test_a_node_of_several_maps_files_where_the_kernel_lets_it(
    mappings: int, told: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elastic_node, "_mappings", lambda: mappings)
    found = configuration(Path("/data"), "10.1.0.1:9200", ["10.1.0.1:9200", "10.1.0.2:9200"])
    assert found.get("node.store.allow_mmap") == told


def test_a_host_runs_the_node_of_its_own_address_which_others_know_by_the_password(tmp_path: Path) -> None:
    urls = "http://10.1.0.1:9200,http://10.1.0.2:9200"
    shown = []
    for host in ("10.1.0.1", "10.1.0.2"):
        home = tmp_path / host
        (home / "secrets").mkdir(parents=True)
        (home / "secrets" / "elasticsearch").write_text("of all hosts\n")
        settings = Settings.model_validate({"home": home, "elasticsearch": {"urls": urls}, "stack": {"host": host}})
        (node,) = programs(settings)
        assert node.addresses == (f"{host}:9200", f"{host}:9300")
        access = (home / "elasticsearch" / "config" / "access.properties").read_text()
        shown.append(next(line for line in access.splitlines() if line.startswith("node=")))
    assert len(set(shown)) == 1
    assert len(shown[0]) == len("node=") + 64


def test_a_node_alone_knows_no_other(tmp_path: Path) -> None:
    programs(Settings().placed(tmp_path))
    assert "node=\n" in (tmp_path / "elasticsearch" / "config" / "access.properties").read_text()


def test_all_that_the_node_writes_is_below_its_folder() -> None:
    told = configuration(Path("/data"), "127.0.0.1:9200")
    assert [told[f"path.{name}"] for name in ("data", "logs", "repo")] == [
        "/data/data",
        "/data/logs",
        "/data/snapshots",
    ]


def test_a_descriptor_has_exactly_the_keys_that_elasticsearch_knows() -> None:
    keys = [line.split("=")[0] for line in descriptor("a", "b", "c.D", "17").splitlines()]
    assert keys == [
        *("name", "description", "version", "elasticsearch.version", "java.version"),
        *("classname", "extended.plugins", "has.native.controller"),
    ]


def test_only_modules_that_talk_to_others_may_use_sockets() -> None:
    assert {module.name for module in MODULES if module.sockets} == {"transport-netty4", "reindex"}


def test_a_node_that_is_not_there_is_not_ready() -> None:
    with pytest.raises(Transient, match="does not answer"):
        answering(free_address(), "riverline", "a password")()


def test_the_node_has_no_password_but_its_digest(tmp_path: Path) -> None:
    settings = Settings().placed(tmp_path / "home")
    programs(settings)
    digest = tmp_path / "home" / "elasticsearch" / "config" / "access.properties"
    known = f"{settings.elasticsearch.user}:{settings.elasticsearch.password}"
    assert f"digest={hashlib.sha256(known.encode()).hexdigest()}\n" in digest.read_text()
    assert settings.elasticsearch.password not in digest.read_text()
    assert digest.stat().st_mode & 0o777 == 0o600


def test_no_request_deletes_indices_by_a_pattern() -> None:
    assert configuration(Path("/data"), "127.0.0.1:9200")["action.destructive_requires_name"] == "true"

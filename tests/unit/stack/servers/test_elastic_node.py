from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from riverline.errors import Transient
from riverline.settings import Settings
from riverline_stack.servers.addresses import free_address
from riverline_stack.servers.elastic_home import MODULES, descriptor
from riverline_stack.servers.elastic_node import answering, configuration, programs


def test_the_node_listens_on_the_address_of_the_settings_and_no_other() -> None:
    told = configuration(Path("/data"), "127.0.0.1:19200")
    assert (told["network.host"], told["http.port"], told["transport.port"]) == ("127.0.0.1", "19200", "19300")


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

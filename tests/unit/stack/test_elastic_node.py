from __future__ import annotations

from pathlib import Path

import pytest

from riverline.errors import Transient
from stack.addresses import free_address
from stack.elastic_home import MODULES, descriptor
from stack.elastic_node import answering, configuration


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
        answering(free_address())()

from __future__ import annotations

from riverline.settings import Settings
from riverline_stack.servers.addresses import beside, free_address, host_of, is_here, is_on_loopback, port_of


def test_an_address_beside_another_keeps_the_host() -> None:
    assert beside("127.0.0.1:9092", 100) == "127.0.0.1:9192"


def test_an_address_is_taken_apart_at_its_last_colon() -> None:
    assert (host_of("::1:80"), port_of("::1:80")) == ("::1", 80)


def test_a_free_address_is_on_loopback() -> None:
    assert host_of(free_address()) == "127.0.0.1"


def test_what_only_this_machine_reaches_is_on_loopback() -> None:
    assert is_on_loopback("127.0.0.1:1", "localhost:2", "127.9.9.9:3")
    assert not is_on_loopback("127.0.0.1:1", "zookeeper.internal:2181")


def test_every_server_is_here_until_the_settings_tell_of_other_hosts() -> None:
    one, second = Settings(), Settings.model_validate({"stack": {"host": "10.1.0.2"}})
    assert is_here(one, "127.0.0.1:1")
    assert is_here(one, "mysql-1.internal:3306")
    assert is_here(second, "10.1.0.2:9092")
    assert not is_here(second, "10.1.0.1:9092")

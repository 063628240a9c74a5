"""Which addresses may be asked at all."""

import pytest

from crawler.addresses import is_local, refusal, require_contact, user_agent
from riverline.errors import Fatal
from riverline.model import Target
from riverline.settings import Crawl

PUBLIC = Target("a", start_urls=("http://a.example/",))
LOCAL = Target("l", start_urls=("http://127.0.0.1:8000/",))


@pytest.mark.parametrize(
    "host",
    [
        *(
            "localhost",
            "x.localhost",
            "127.0.0.1",
            "10.1.2.3",
            "192.168.0.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
        ),
        *("[::1]", "[fe80::1]", "[fd00::1]", "[::ffff:10.0.0.1]", "[2002:7f00:1::]", "224.0.0.1"),
    ],
)
def test_addresses_of_no_public_network_are_local(host: str) -> None:
    assert is_local(host)


@pytest.mark.parametrize("host", ["a.example", "8.8.8.8", "[2606:4700::1111]"])
def test_others_are_not(host: str) -> None:
    assert not is_local(host)


def test_a_local_host_is_refused_unless_its_target_names_it() -> None:
    assert refusal("127.0.0.1", PUBLIC, Crawl()) == "private_address"
    assert refusal("127.0.0.1", LOCAL, Crawl()) == ""


def test_behind_a_proxy_the_proxy_decides() -> None:
    assert refusal("10.0.0.1", PUBLIC, Crawl(proxy="http://127.0.0.1:8090")) == ""


def test_the_internet_is_not_visited_without_a_contact() -> None:
    with pytest.raises(Fatal, match="RIVERLINE_CRAWL__CONTACT"):
        require_contact([LOCAL, PUBLIC], Crawl())
    require_contact([PUBLIC], Crawl(contact="bot@a.example"))


def test_loopback_needs_no_contact_nor_does_a_proxy_on_it() -> None:
    require_contact([LOCAL], Crawl())
    require_contact([PUBLIC], Crawl(proxy="http://127.0.0.1:8090"))
    with pytest.raises(Fatal):
        require_contact([PUBLIC], Crawl(proxy="http://proxy.example:3128"))


def test_the_user_agent_carries_the_contact() -> None:
    assert user_agent(Crawl(contact="https://a.example/bot")) == "RiverlineBot/1.0 (+https://a.example/bot)"

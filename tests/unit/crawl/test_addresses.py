"""Which addresses may be asked at all."""

from dataclasses import replace

import pytest

from riverline.crawl.addresses import asked_hosts, opening, refusal, require_contact, require_open, user_agent
from riverline.crawl.private_addresses import is_local
from riverline.errors import Fatal, Invalid
from riverline.model import Target
from riverline.settings import Crawl
from riverline.testing.memory import MemoryLog
from riverline_crawler.job import CrawlJob
from riverline_crawler.resolver import PublicResolver

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
        *("[64:ff9b::7f00:1]", "[64:ff9b::10.0.0.1]", "[64:ff9b:1::a00:1]", "[::127.0.0.1]", "[::ffff:0:127.0.0.1]"),
        *("[2001:0:4136:e378:8000:63bf:80ff:fffe]", "[2606:4700::5efe:10.0.0.1]", "[2606:4700::200:5efe:a00:1]"),
        *("168.63.129.16", "192.0.0.192"),
    ],
)
def test_addresses_of_no_public_network_are_local(host: str) -> None:
    assert is_local(host)


@pytest.mark.parametrize("host", ["a.example", "8.8.8.8", "[2606:4700::1111]", "[64:ff9b::8.8.8.8]"])
def test_others_are_not(host: str) -> None:
    assert not is_local(host)


OPEN = Crawl(private=("127.0.0.0/8", "10.0.0.0/8"))


def test_a_local_host_is_refused_unless_its_target_names_it_and_it_is_opened() -> None:
    assert refusal("http://127.0.0.1:8000", PUBLIC, OPEN) == "private_address"
    assert refusal("http://127.0.0.1:8000", LOCAL, OPEN) == ""
    assert refusal("http://127.0.0.1:8000", LOCAL, Crawl()) == "private_address"


@pytest.mark.parametrize("origin", ["http://127.0.0.1:9200", "https://127.0.0.1:8000", "http://127.0.0.1"])
def test_a_target_opens_the_scheme_host_and_port_that_it_names_and_no_other(origin: str) -> None:
    assert refusal(origin, LOCAL, OPEN) == "private_address"
    allowed = replace(LOCAL, allowed_hosts=("127.0.0.1",))
    assert refusal(origin, allowed, OPEN) == "private_address"


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "[fe80::1]", "[fd00:ec2::254]", "100.100.100.200", "0.0.0.0", "[64:ff9b::a9fe:a9fe]"]
)
def test_link_local_addresses_and_those_of_clouds_are_never_visited(host: str) -> None:
    target = Target("m", start_urls=(f"http://{host}/",))
    everything = Crawl(private=("0.0.0.0/0", "[::]/0"))
    assert refusal(f"http://{host}", target, everything) == "private_address"
    assert refusal(f"http://{host}", target, Crawl(proxy="http://127.0.0.1:8090")) == "private_address"
    with pytest.raises(Invalid, match="RIVERLINE_CRAWL__PRIVATE"):
        require_open(target, everything)


def test_behind_a_proxy_the_proxy_decides() -> None:
    assert refusal("http://10.0.0.1", PUBLIC, Crawl(proxy="http://127.0.0.1:8090")) == ""


@pytest.mark.parametrize(
    ("entry", "opened", "shut"),
    [
        ("127.0.0.1:8000", "http://127.0.0.1:8000/", "http://127.0.0.1:8001/"),
        ("10.1.0.0/16", "https://10.1.2.3/", "http://10.2.0.1/"),
        ("10.1.0.0/16:443", "https://10.1.2.3/", "http://10.1.2.3/"),
        ("localhost", "http://localhost:1234/", "http://127.0.0.2:1234/"),
        ("127.0.0.0/8", "http://localhost:1234/", "http://[::1]:1234/"),
        ("[fd00::]/8:8080", "http://[fd12::1]:8080/", "http://[fd12::1]/"),
    ],
)
def test_an_entry_opens_what_it_says(entry: str, opened: str, shut: str) -> None:
    settings = Crawl(private=(entry,))
    require_open(Target("a", start_urls=(opened,)), settings)
    with pytest.raises(Invalid):
        require_open(Target("a", start_urls=(shut,)), settings)


def test_a_proxy_of_a_target_needs_to_be_opened_too() -> None:
    target = replace(PUBLIC, proxy="http://127.0.0.1:6379")
    with pytest.raises(Invalid, match=r"127\.0\.0\.1:6379"):
        require_open(target, Crawl())
    require_open(replace(PUBLIC, proxy="http://127.0.0.1:8090"), Crawl())
    require_open(replace(PUBLIC, proxy="http://proxy.example:3128"), Crawl())


def test_what_the_operator_asks_for_by_hand_is_opened() -> None:
    given = (LOCAL, replace(PUBLIC, proxy="http://127.0.0.1:3128"))
    settings = opening(given, Crawl(private=()))
    assert set(settings.private) == {"127.0.0.1:8000", "127.0.0.1:3128"}
    assert refusal("http://127.0.0.1:8000", LOCAL, settings) == ""
    assert refusal("http://127.0.0.1:8001", LOCAL, settings) == "private_address"


def test_no_link_redirect_sitemap_or_robots_leaves_the_port_that_is_opened() -> None:
    job = CrawlJob.of((LOCAL,), OPEN, MemoryLog())
    frontier, elsewhere = job.frontier, "http://127.0.0.1:9200/_search"
    assert frontier.add("http://127.0.0.1:8000/", LOCAL, 0, 0.0)
    assert not frontier.add(elsewhere, LOCAL, 1, 0.0)
    assert not frontier.add(f"{elsewhere}?moved", LOCAL, 0, 0.0, redirects=1)
    assert not frontier.add(f"{elsewhere}/sitemap.xml", LOCAL, 0, 0.0, listed=True)
    robots = frontier.next(0.0)
    assert robots is not None and robots.url == "http://127.0.0.1:8000/robots.txt"
    assert not frontier.redirect_robots(robots, elsewhere, 0.0)
    assert frontier.redirect_robots(robots, "http://127.0.0.1:8000/moved.txt", 0.0)
    assert job.report.of("l").refused["private_address"] == 3


def test_a_name_that_leads_into_a_private_network_is_not_trusted_for_being_a_proxy() -> None:
    PublicResolver.trusted = set()
    PublicResolver.trust(asked_hosts(replace(PUBLIC, proxy="http://proxy.example:3128"), Crawl()), "http://own.proxy:1")
    assert PublicResolver.trusted == {"own.proxy"}


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

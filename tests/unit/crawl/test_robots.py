"""robots.txt, as RFC 9309 has it."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverline.crawl.robots import MAX_BYTES, product_token, rules_of

AGENT = "RiverlineBot"
SITE = "http://a.example"


def allowed(text: str, path: str, status: int = 200) -> bool:
    return rules_of(status, text.encode(), AGENT).allows(SITE + path)


@pytest.mark.parametrize(
    ("text", "path", "may"),
    [
        ("User-agent: *\nDisallow: /a", "/a/b", False),
        ("User-agent: *\nDisallow: /a", "/b", True),
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", True),
        ("User-agent: *\nAllow: /a\nDisallow: /a", "/a", True),
        ("User-agent: *\nDisallow: /*.php$", "/x.php", False),
        ("User-agent: *\nDisallow: /*.php$", "/x.php?a", True),
        ("User-agent: *\nDisallow:", "/", True),
        ("User-agent: other\nDisallow: /", "/", True),
        ("User-agent: riverlinebot\nDisallow: /x\n\nUser-agent: *\nDisallow: /", "/", True),
        ("User-agent: a\nUser-agent: RiverlineBot\nDisallow: /", "/", False),
        ("User-agent: RiverlineBot\nDisallow: /a\n\nUser-agent: RiverlineBot\nDisallow: /b", "/b", False),
        ("user-AGENT: *\ndisALLOW: /a # comment", "/a", False),
        ("\ufeffUser-agent: *\nDisallow: /a", "/a", False),
        ("User-agent: *\nDisallow: /%ED%95%9C", "/한", False),
        ("User-agent: RiverlineBot/1.0\nDisallow: /x\n\nUser-agent: *\nDisallow:", "/x", False),
        ("User-agent: RiverlineBot OtherBot\nDisallow: /x", "/x", False),
        ("User-agent: OtherBot RiverlineBot\nDisallow: /x", "/x", True),
        ("User-agent: river\nDisallow: /", "/x", True),
        ("User-agent: RiverlineBot-News\nDisallow: /", "/x", True),
        ("User-agent: a\nHost: a.example\nUser-agent: RiverlineBot\nDisallow: /x", "/x", False),
        ("User-agent: RiverlineBot\nCrawl-delay: 3\nSitemap: /s.xml\nDisallow: /x", "/x", False),
        ("User-agent: *\nDisallow: /a\nUser-agent: b\nDisallow: /x", "/x", True),
        ("User-agent: *\rDisallow: /a\rDisallow: /b", "/b", False),
        ("user agent : *\nDisalow: /a", "/a", False),
        ("User-agent *\nDisallow /a", "/a", False),
        ("User-agent: *\nDisallow: /a%2fb", "/a/b", True),
        ("User-agent: *\nDisallow: /a%2fb", "/a%2Fb", False),
        ("User-agent: *\nDisallow: /%7Ejoe", "/~joe", False),
        ("User-agent: *\nDisallow: /*?x=", "/p?x=1", False),
        ("User-agent: *\nDisallow: /a*b*c$", "/abbbc", False),
        ("User-agent: *\nDisallow: /a*bc*c$", "/abc", True),
        ("User-agent: *\nDisallow: /*a\nAllow: /bb", "/bba", True),
        ("User-agent: *\nDisallow: /$", "/", False),
        ("User-agent: *\nDisallow: /$", "/a", True),
        ("User-agent: *\nDisallow: /", "/robots.txt", True),
        ("User-agent: *\nDisallow: /robots.txt", "/robots.txt", True),
        ("User-agent: *\nDisallow: /", "/robots.txt/a", False),
        ("User-agent: *\nDisallow: /", "/a/robots.txt", False),
        ("User-agent: *\nDisallow: /", "/robots.txt?a", False),
        ("<html>not robots</html>", "/", True),
        ("", "/", True),
    ],
)
def test_groups_and_the_longest_match_decide(text: str, path: str, may: bool) -> None:
    assert allowed(text, path) is may


@pytest.mark.parametrize(
    ("status", "may"),
    [
        (404, True),
        (403, True),
        (410, True),
        (500, False),
        (503, False),
        (429, False),
        (304, False),
        (200, False),
        (206, False),
    ],
)
def test_without_a_file_the_status_decides(status: int, may: bool) -> None:
    assert allowed("User-agent: *\nDisallow: /", "/", status) is may


def test_the_rules_themselves_may_always_be_asked_for() -> None:
    """RFC 9309, 2.2.2."""
    assert allowed("", "/robots.txt", 503)
    assert allowed("User-agent: *\nDisallow: /", "/%72obots.txt")


def test_an_answer_without_a_body_forbids_nothing() -> None:
    for status in (200, 202, 204):
        assert allowed("", "/", status)


def test_a_rule_of_many_stars_takes_no_time() -> None:
    begun = time.process_time()
    assert allowed("User-agent: *\nDisallow: /" + "*a" * 2_000 + "b", "/" + "a" * 2_000)
    assert time.process_time() - begun < 1


@given(st.text("/*$ab", max_size=8), st.text("/ab", max_size=8))
def test_a_rule_fits_as_its_regular_expression_does(rule: str, path: str) -> None:
    pattern = "".join(".*" if c == "*" else re.escape(c) for c in rule.removesuffix("$"))
    fits = re.match(pattern + ("$" if rule.endswith("$") else ""), f"/{path}") is not None
    assert allowed(f"User-agent: *\nDisallow: {rule}", f"/{path}") is not (fits and bool(rule))


def test_a_rule_that_the_size_limit_cuts_is_no_rule() -> None:
    text = "User-agent: *\n" + "# " + "x" * (MAX_BYTES - 30) + "\nDisallow: /secret\n"
    assert allowed(text, "/s")
    assert allowed(text, "/secret")


def test_the_crawl_delay_and_the_sitemaps_are_told() -> None:
    rules = rules_of(200, b"User-agent: *\nCrawl-delay: 2.5\nSitemap: http://a.example/s.xml", AGENT)
    assert (rules.crawl_delay, rules.sitemaps) == (2.5, ("http://a.example/s.xml",))


def test_rules_are_for_the_product_and_not_for_its_version() -> None:
    assert product_token("RiverlineBot/1.0 (+https://a.example)") == AGENT

"""robots.txt, as RFC 9309 has it."""

import pytest

from crawler.robots import MAX_BYTES, product_token, rules_of

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
        ("<html>not robots</html>", "/", True),
        ("", "/", True),
    ],
)
def test_groups_and_the_longest_match_decide(text: str, path: str, may: bool) -> None:
    assert allowed(text, path) is may


@pytest.mark.parametrize(
    ("status", "may"), [(404, True), (403, True), (410, True), (500, False), (503, False), (429, False), (204, False)]
)
def test_without_a_file_the_status_decides(status: int, may: bool) -> None:
    assert allowed("User-agent: *\nDisallow: /", "/", status) is may


def test_a_rule_that_the_size_limit_cuts_is_no_rule() -> None:
    text = "User-agent: *\n" + "# " + "x" * (MAX_BYTES - 30) + "\nDisallow: /secret\n"
    assert allowed(text, "/s")
    assert allowed(text, "/secret")


def test_the_crawl_delay_and_the_sitemaps_are_told() -> None:
    rules = rules_of(200, b"User-agent: *\nCrawl-delay: 2.5\nSitemap: http://a.example/s.xml", AGENT)
    assert (rules.crawl_delay, rules.sitemaps) == (2.5, ("http://a.example/s.xml",))


def test_rules_are_for_the_product_and_not_for_its_version() -> None:
    assert product_token("RiverlineBot/1.0 (+https://a.example)") == AGENT

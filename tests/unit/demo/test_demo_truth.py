import re
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit
from urllib.robotparser import RobotFileParser

import pytest

from demo import markup, truth


class Links(HTMLParser):
    """Collects what a page links to, and the pictures and styles that it loads."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.pages: list[str] = []
        self.assets: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        if tag == "a" or (tag == "link" and named.get("rel") in ("canonical", "prev", "next", "alternate")):
            self.pages.append(named["href"])
        elif tag == "img":
            self.assets.append(named["src"])
        elif tag == "link":
            self.assets.append(named["href"])


def html_resources(web):
    return [r for r in web.resources.values() if r.content_type.startswith("text/html") and r.status == 200]


def text_of(web, resource):
    return resource.body.decode(web.sites[resource.host].encoding)


def test_the_truth_is_up_to_date(web):
    assert truth.FILE.read_text("utf-8") == truth.truth_text(web), "run `python -m demo --truth`"


def test_every_internal_link_leads_to_something_known(web, records):
    known = {record["url"] for record in records}
    for resource in html_resources(web):
        linked = {urljoin(resource.url, href).partition("#")[0] for href in Links(text_of(web, resource)).pages}
        unknown = {url for url in linked - known if urlsplit(url).hostname in web.sites}
        assert not unknown, f"{resource.url} links to {unknown}"


def test_every_picture_and_style_is_served(web):
    for resource in html_resources(web):
        for href in Links(text_of(web, resource)).assets:
            assert web.answer("GET", urljoin(resource.url, href), {}).status == 200, href


def test_every_page_is_linked_from_another_or_moved_to(web, records):
    linked = {
        urljoin(resource.url, href).partition("#")[0]
        for resource in html_resources(web)
        for href in Links(text_of(web, resource)).pages
    }
    targets = {urljoin(moved.url, moved.location) for moved in web.resources.values() if moved.location}
    unlinked = {record["url"] for record in records if record["kind"] != "sitemap"} - linked - targets
    assert not unlinked


def test_the_fragments_stand_on_the_page_and_the_boilerplate_outside_its_text(web, records):
    for record in records:
        resource = web.resources[(urlsplit(record["url"]).hostname, record["url"].split(".example", 1)[1])]
        if not resource.page or record["kind"] == "pdf":
            continue
        page = unescape(text_of(web, resource))
        assert len(record["with"]) >= 2, record["url"]
        for fragment in record["with"] + record["without"]:
            assert fragment in page, f"{fragment!r} is not on {record['url']}"
        main = re.sub(r"<[^>]+>", "", unescape(markup.html(resource.page.source)))
        assert not [fragment for fragment in record["without"] if fragment in main]


def test_the_robots_rules_close_the_disallowed_pages_and_no_others(web, records):
    rules = {}
    for host, site in web.sites.items():
        rules[host] = RobotFileParser()
        rules[host].parse(site.robots.splitlines())
    for record in records:
        allowed = rules[urlsplit(record["url"]).hostname].can_fetch("probe", record["url"])
        assert allowed == (record["kind"] != "disallowed"), record["url"]


def test_a_noindex_page_says_so_either_in_its_head_or_in_its_header(web):
    pages = [resource for resource in web.resources.values() if resource.kind == "noindex"]
    in_head = {page.url for page in pages if '<meta name="robots" content="noindex' in text_of(web, page)}
    in_header = {page.url for page in pages if page.robots and page.robots.startswith("noindex")}
    assert in_head and in_header
    assert in_head ^ in_header == {page.url for page in pages}


def test_a_page_names_its_canonical_url(web, records):
    for record in records:
        resource = web.resources[(urlsplit(record["url"]).hostname, record["url"].split(".example", 1)[1])]
        if resource.page and resource.content_type.startswith("text/html") and "canonical" not in resource.page.fields:
            assert f'<link rel="canonical" href="{record["canonical"]}">' in unescape(text_of(web, resource))


@pytest.mark.parametrize("field", ["duplicate_of", "near_duplicate_of"])
def test_a_duplicate_shares_the_fragments_of_its_original(records, field):
    by_url = {record["url"]: record for record in records}
    copies = [record for record in records if record[field]]
    for copy in copies:
        assert set(copy["with"]) & set(by_url[copy[field]]["with"]), copy["url"]

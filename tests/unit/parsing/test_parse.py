"""The registry, and what each data type becomes."""

import gzip
import unicodedata
import zlib
from dataclasses import replace

import orjson
import pytest
from htmldate.extractors import try_date_expr

from riverline.errors import Invalid
from riverline.model import Page
from riverline.parsing.language.normalization import visible
from riverline.parsing.limits import MAX_BYTES
from riverline.parsing.parse import data_type, parse

URL = "http://www.gazette.example/news/river"
PARAGRAPH = "The river rose by two metres overnight, and the old bridge was closed to all traffic before dawn. " * 3
HEAD = """<html lang="ko-KR"><head><title>The river | Harbor Gazette</title>
<meta property="og:site_name" content="Harbor Gazette"><meta name="description" content="A night of rain.">
<meta name="keywords" content="river, bridge, River"><meta name="author" content="By Ann Lee">
<meta property="og:image" content="/river.jpg"><link rel="canonical" href="/news/river?utm_source=x">"""


def page(body: str | bytes, content_type: str = "text/html", url: str = URL) -> Page:
    return Page(url, url, body.encode() if isinstance(body, str) else body, content_type=content_type)


def html(head: str = "", rest: str = f"<p>{PARAGRAPH}</p>") -> Page:
    return page(f"{HEAD}{head}</head><body><main><h1>The river</h1>{rest}</main></body></html>")


def reason(wrong: Page) -> str:
    with pytest.raises(Invalid) as caught:
        parse(wrong)
    return caught.value.reason


def test_an_article_says_its_title_without_the_site_and_what_its_head_declares():
    parsed = parse(html())
    assert (parsed.title, parsed.summary, parsed.site_name) == ("The river", "A night of rain.", "Harbor Gazette")
    assert (parsed.author, parsed.image) == ("Ann Lee", "http://www.gazette.example/river.jpg")
    assert (parsed.language, parsed.region, parsed.tags) == ("ko", "KR", ("river", "bridge"))
    assert (parsed.kind, parsed.text) == ("article", PARAGRAPH.strip())


def test_a_page_stands_under_the_address_that_it_was_fetched_under_whatever_it_names():
    for href in ("/news/other", "http://other.example/x", "null"):
        assert parse(page(f'<link rel="canonical" href="{href}"><p>{PARAGRAPH}</p>')).url == URL


def test_json_ld_gives_dates_with_their_offset():
    described = '{"@type": "NewsArticle", "datePublished": "2025-03-04T14:30:00+09:00"}'
    parsed = parse(html(f'<script type="application/ld+json">{described}</script>'))
    assert parsed.published == "2025-03-04T14:30:00+09:00"


def test_json_ld_that_is_broken_or_nested_without_end_is_passed_over():
    deep = "[" * 100_000
    script = f'<script type="application/ld+json">{deep}</script><script type="application/ld+json">{{"@type":</script>'
    assert parse(html(script)).title == "The river"


def test_a_korean_date_line_below_the_headline_is_the_date():
    line = f"<div>입력 2025.03.04. 오후 2:30</div><div>수정 2025.03.05. 09:00</div><p>{PARAGRAPH}</p>"
    assert parse(html(rest=line)).published == "2025-03-04T14:30:00"


def test_a_declared_date_after_the_fetch_is_passed_over():
    late = page(
        f'<meta property="article:published_time" content="2030-01-01"><p>{PARAGRAPH}</p>', url=URL + "/2025/03/04/"
    )
    assert (
        parse(Page(late.url, late.key, late.body, content_type="text/html", fetched_at=1_760_000_000_000)).published
        == "2025-03-04"
    )


def test_pages_of_one_day_are_searched_for_dates_with_what_was_read_before():
    fetched = [replace(html(), fetched_at=1_760_000_000_000 + second * 1000) for second in range(20)]
    parse(fetched[0])
    before = try_date_expr.cache_info()
    for one in fetched:
        parse(one)
    after = try_date_expr.cache_info()
    assert after.hits > before.hits
    assert after.currsize == before.currsize


def test_noindex_is_told():
    assert parse(html('<meta name="robots" content="noindex, follow">')).noindex


def test_the_home_page_is_a_list():
    assert parse(page(f"<h1>Gazette</h1><p>{PARAGRAPH}</p>", url="http://www.gazette.example/")).kind == "list"


def test_rss_becomes_titles_links_and_the_newest_date():
    items = "".join(
        f"<item><title>Story {n}</title><link>/{n}</link><pubDate>Tue, 0{n} Mar 2025 14:30:00 +0900</pubDate></item>"
        for n in (1, 4)
    )
    parsed = parse(page(f"<?xml version='1.0'?><rss><channel><title>News</title>{items}</channel></rss>", "text/xml"))
    assert (parsed.kind, parsed.title, parsed.text) == ("feed", "News", "Story 1\nStory 4")
    assert parsed.links == ("http://www.gazette.example/1", "http://www.gazette.example/4")
    assert parsed.published == "2025-03-04T14:30:00+09:00"


def test_atom_in_its_namespace_is_a_feed():
    entry = "<entry><title>One</title><link href='http://a.example/1'/><updated>2025-03-04T00:00:00Z</updated></entry>"
    parsed = parse(
        page(
            f"<feed xmlns='http://www.w3.org/2005/Atom' xml:lang='ko'><title>F</title>{entry}</feed>",
            "application/atom+xml",
        )
    )
    assert (parsed.kind, parsed.links, parsed.language) == ("feed", ("http://a.example/1",), "ko")


def test_a_packed_sitemap_is_unpacked_and_its_addresses_are_links():
    urls = "<urlset><url><loc> http://a.example/1 </loc></url><url><loc>javascript:x</loc></url></urlset>"
    parsed = parse(page(gzip.compress(urls.encode()), "application/gzip"))
    assert (parsed.kind, parsed.links) == ("sitemap", ("http://a.example/1",))


def test_entities_that_grow_without_end_are_not_expanded():
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    feed = f'<!DOCTYPE rss [<!ENTITY l0 "ha">{laughs}]><rss><channel><title>&l11;</title></channel></rss>'
    assert len(parse(page(feed, "application/rss+xml")).title) < 1000


VIDEO = {
    "kind": "youtube#video",
    "id": "abc123",
    "snippet": {
        "title": "한강의 밤",
        "description": "드론으로 본 한강",
        "channelTitle": "강",
        "publishedAt": "2025-03-04T05:30:00Z",
        "tags": ["한강", "드론"],
        "thumbnails": {"high": {"url": "https://i.ytimg.com/vi/abc123/hq.jpg"}},
        "defaultLanguage": "ko",
    },
}


def test_a_video_of_the_data_api_is_known_by_its_watch_page():
    parsed = parse(page(orjson.dumps({"kind": "youtube#videoListResponse", "items": [VIDEO]}), "application/json"))
    assert (parsed.url, parsed.kind, parsed.author) == ("https://www.youtube.com/watch?v=abc123", "video", "강")
    assert (parsed.published, parsed.tags, parsed.language) == ("2025-03-04T05:30:00Z", ("한강", "드론"), "ko")


def test_several_videos_are_a_list_of_their_watch_pages():
    found = {"kind": "youtube#searchResult", "id": {"kind": "youtube#video", "videoId": "x"}, "snippet": {"title": "t"}}
    parsed = parse(
        page(orjson.dumps({"kind": "youtube#searchListResponse", "items": [VIDEO, found]}), "application/json")
    )
    assert (parsed.kind, len(parsed.links)) == ("list", 2)


def test_plain_text_takes_its_first_line_for_a_title():
    parsed = parse(page("Release notes\n\nNothing has changed since yesterday.", "text/plain"))
    assert (parsed.kind, parsed.title) == ("text", "Release notes")


@pytest.mark.parametrize(
    ("body", "content_type", "kind"),
    [
        ("<rss/>", "application/xml", "feed"),
        ("<?xml version='1.0'?><urlset/>", "text/html", "sitemap"),
        ("<!DOCTYPE html><p>", "text/plain", "html"),
        ("<p>hello", "", "html"),
        ("%PDF-1.4", "text/html", "pdf"),
        ("hello", "text/plain", "plain"),
    ],
)
def test_the_data_type_is_what_the_first_bytes_say_or_else_the_header(body, content_type, kind):
    assert data_type(page(body, content_type)) == kind


@pytest.mark.parametrize(
    ("body", "content_type", "why"),
    [
        (b"", "text/html", "empty"),
        (b" \n", "text/html", "empty"),
        (b"x" * (MAX_BYTES + 1), "text/html", "too_large"),
        (b"<i>" * 200_000, "text/html", "too_large"),
        (b"<div>" * 30_000, "text/html", "too_deep"),
        (b"\x89PNG", "image/png", "unsupported_type"),
        (b"{", "application/json", "broken_json"),
        (b"[" * 100_000, "application/json", "broken_json"),
        (b'{"a": 1}', "application/json", "unsupported_type"),
        (b"%PDF-1.7 nothing", "application/pdf", "broken_pdf"),
        (b"\x1f\x8bnothing", "application/gzip", "broken_gzip"),
        (b"\x01\x02\x03" * 100, "text/plain", "no_text"),
    ],
)
def test_what_cannot_be_parsed_is_invalid_with_a_reason(body, content_type, why):
    assert reason(page(body, content_type)) == why


def test_a_gzip_bomb_is_too_large_and_not_unpacked_further():
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(64)) + packer.flush()
    assert reason(page(bomb, "application/gzip")) == "too_large"


def test_ten_thousand_nested_elements_are_read():
    assert PARAGRAPH.strip() in parse(page("<div>" * 10_000 + f"<p>{PARAGRAPH}</p>")).text


NFD = unicodedata.normalize("NFD", "두꺼비바위 전설")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (f"<title>{NFD}</title><meta name=author content='{NFD}'><meta name=keywords content='{NFD}'>", "text/html"),
        (f"<rss><channel><title>{NFD}</title><item><title>{NFD}</title></item></channel></rss>", "application/rss+xml"),
        (f"{NFD}\n\n{NFD}\u200b에 대한 이야기", "text/plain"),
        (
            orjson.dumps(
                {
                    "kind": "youtube#videoListResponse",
                    "items": [{**VIDEO, "snippet": {**VIDEO["snippet"], "title": NFD}}],
                }
            ),
            "application/json",
        ),
    ],
)
def test_decomposed_characters_are_composed_and_unseen_ones_gone_in_every_kind(body, content_type):
    parsed = parse(page(body + f"<p>{NFD * 9}\u2060" if content_type == "text/html" else body, content_type))
    assert "두꺼비바위 전설" in parsed.title
    for field in (parsed.title, parsed.text, parsed.author, parsed.summary, *parsed.tags):
        assert field == visible(field)


def test_soft_hyphens_are_in_no_title():
    assert parse(page("<title>Unter&shy;nehmen f&ouml;rdern</title>")).title == "Unternehmen fördern"


def test_markup_and_entities_show_in_no_declared_text():
    declared = page(
        """<title>t</title><meta name=description content="&lt;p&gt;The town&amp;rsquo;s harbour&lt;/p&gt;">
        <meta name=author content="Ann &amp;amp; Bo">
        <meta name=keywords content="R&amp;amp;D, &lt;i&gt;mill&lt;/i&gt;">"""
    )
    parsed = parse(declared)
    assert (parsed.summary, parsed.author, parsed.tags) == ("The town’s harbour", "Ann & Bo", ("R&D", "mill"))


@pytest.mark.parametrize(
    ("declaration", "author"),
    [
        ("<meta name=author content='Di Stefano'>", "Di Stefano"),
        ("<meta name=author content='Von Miller'>", "Von Miller"),
        ("<meta name=author content='Par Lagerkvist'>", "Par Lagerkvist"),
        ("<meta name=author content='von der Leyen'>", "von der Leyen"),
        ("<meta name=author content='By Ann Lee'>", "Ann Lee"),
        ("<meta name=author content='Von: Anna Schmidt'>", "Anna Schmidt"),
        ("<p class=byline>Von Anna Schmidt</p>", "Anna Schmidt"),
        ("<p class=byline>Di Stefano</p>", "Di Stefano"),
        ("<p class=byline>par Jean Dupont</p>", "Jean Dupont"),
        ("<a rel=author href=/a>Di Maria Angel</a>", "Di Maria Angel"),
        ("<span itemprop=author><span itemprop=name>Von Anna Trapp</span></span>", "Von Anna Trapp"),
        ("<html lang=sv><p class=byline>Par Nils Olsson</p>", "Par Nils Olsson"),
        ("<html lang=fr><p class=byline>Par Jean Dupont</p>", "Jean Dupont"),
    ],
)
def test_a_byline_keeps_names_that_begin_as_prepositions_do(declaration, author):
    assert parse(page(f"{declaration}<p>{PARAGRAPH}")).author == author


@pytest.mark.parametrize(
    "script",
    [
        """"application/ld+json; charset=utf-8">{"@type": "Article", "headline": "A mill opens"}""",
        """"application/LD+JSON">{"@type": "Article", "headline": "A mill opens",}""",
        """"application/ld+json">[{"@type": "Article", "headline": "A mill opens"}, ]""",
    ],
)
def test_what_a_page_says_in_json_may_have_a_comma_too_many(script):
    assert parse(page(f"<script type={script}</script><p>{PARAGRAPH}")).title == "A mill opens"


def test_the_second_reader_of_a_short_page_parts_blocks_and_leaves_the_headline_out():
    hours = "<span style='display:block'>Open until five</span><span style='display:block'>Saturday is closed</span>"
    parsed = parse(
        page(f"<title>The mill</title><article><h1>The mill</h1><p>{hours} and so is the harbour.</p></article>")
    )
    assert "fiveSaturday" not in parsed.text
    assert not parsed.text.startswith("The mill")

"""Where a page leads."""

import pytest

from riverline.model import Page
from riverline_crawler.reading.links import Outgoing, outgoing
from riverline_crawler.reading.page_reading import reading_of


def links(body: str, content_type: str = "text/html", url: str = "http://a.example/dir/page") -> tuple[str, ...]:
    return reading_of(Page(url, url, body.encode(), content_type=content_type), keywords=False).links


def test_links_are_absolute_and_each_is_there_once() -> None:
    assert links("<p><a href=x>1</a><a href=/y#top>2</a><a href=/y>3</a>") == (
        "http://a.example/dir/x",
        "http://a.example/y",
    )


def test_a_link_that_asks_not_to_be_followed_is_not() -> None:
    assert links("<p><a href=/x rel='sponsored nofollow'>x</a>") == ()


def test_a_page_that_asks_not_to_be_followed_leads_nowhere() -> None:
    for content in ("nofollow", "noindex, NOFOLLOW", "none"):
        assert links(f"<meta name=ROBOTS content='{content}'><p><a href=/x>x</a>") == ()


def test_a_page_that_is_not_to_be_indexed_is_followed_all_the_same() -> None:
    assert links("<meta name=robots content=noindex><p><a href=/x>x</a>") == ("http://a.example/x",)


def test_relative_links_start_from_the_base() -> None:
    assert links("<base href='/other/'><p><a href=x>x</a>") == ("http://a.example/other/x",)


def test_feeds_translations_and_next_parts_are_links() -> None:
    head = (
        "<link rel=alternate type=application/rss+xml href=/feed><link rel=next href=/2>"
        "<link rel=alternate hreflang=ko href=/ko><link rel=stylesheet href=/style.css>"
    )
    assert links(f"<head>{head}</head><p>text") == (
        "http://a.example/feed",
        "http://a.example/2",
        "http://a.example/ko",
    )


def test_a_sitemap_and_a_feed_are_lists_of_links() -> None:
    sitemap = "<?xml version='1.0'?><urlset><url><loc>http://a.example/1</loc></url></urlset>"
    feed = "<?xml version='1.0'?><rss><channel><item><link>http://a.example/2</link></item></channel></rss>"
    assert links(sitemap, "application/xml") == ("http://a.example/1",)
    assert links(feed, "application/rss+xml") == ("http://a.example/2",)


def test_a_page_that_cannot_be_read_leads_nowhere() -> None:
    assert links("", "text/html") == ()
    assert links("<a href=/x>", "image/png") == ()
    assert links("<?xml version='1.0'?><urlset><url>", "application/xml") == ()


def own(body: str, url: str = "http://a.example:81/p?id=3") -> str:
    return outgoing(Page(url, "k", body.encode(), content_type="text/html")).own


def test_a_page_s_head_tells_where_it_may_be_found_too() -> None:
    assert own("<link rel=canonical href='/p/3?utm_source=x'><p>x") == "http://a.example:81/p/3"
    assert own("<link rel='x canonical' href='http://A.example:81/p/3'><p>x") == "http://a.example:81/p/3"
    assert own("<meta property=og:url content='/p/3'><p>x") == "http://a.example:81/p/3"
    assert own("<link rel=canonical href=null><meta property=og:url content='/p/3'><p>x") == "http://a.example:81/p/3"


@pytest.mark.parametrize(
    "href",
    [
        "http://b.example:81/p/3", "http://a.example/p/3", "https://a.example:81/p/3", "null", "undefined", "/null",
        "/posts/undefined", "a.example/p/3", "p.html", "{{ url }}", "/p/%7B%7Bslug%7D%7D", "/p/${id}",
        "[object Object]", "/p/{slug}", "/p/[slug]", "/p/%3Cslug%3E", "/:slug", "/%SLUG%", "/null.html",
        "/p?id=undefined", "http://a.example:81/http://a.example:81/p/3", "/<?php the_permalink(); ?>",
        "", "#", "/", "javascript:void(0)",
    ],
)  # fmt: skip
def test_what_could_not_be_meant_is_no_hint(href: str) -> None:
    assert own(f"<link rel=canonical href='{href}'><p>x") == own(f"<meta property=og:url content='{href}'><p>x") == ""


@pytest.mark.parametrize("attribute", ["hreflang=de", "media=print", "lang=de", "type=text/html"])
def test_an_address_for_some_readers_is_no_hint(attribute: str) -> None:
    assert own(f"<link rel=canonical {attribute} href=/p/3><p>x") == ""


def test_what_a_comment_says_is_no_hint() -> None:
    assert own("<head><title>x</title></head><p>nice!</p><link rel=canonical href=/ok/1>") == ""
    assert own("<head></head><body><meta property=og:url content=/ok/1><p>x") == ""


def test_a_page_that_names_two_addresses_names_none() -> None:
    assert own("<link rel=canonical href=/1><link rel=canonical href=/2><p>x") == ""


@pytest.mark.parametrize(
    ("href", "url"),
    [
        (r"\back", "http://a.example/back"),
        (r"..\up", "http://a.example/up"),
        ("HTTP://A.example/x", "http://a.example/x"),
        (" /x\n", "http://a.example/x"),
        ("/a\tb", "http://a.example/ab"),
        ("//b.example", "http://b.example/"),
        ("///b.example/x", "http://b.example/x"),
        ("https:x", "https://x/"),
        ("/a b", "http://a.example/a%20b"),
        ("?q=한", "http://a.example/dir/page?q=%ED%95%9C"),
    ],
)
def test_addresses_are_joined_as_browsers_do(href: str, url: str) -> None:
    assert links(f'<a href="{href}">x</a>') == (url,)


@pytest.mark.parametrize(
    ("charset", "query"),
    [("euc-kr", "%C7%D1"), ("ks_c_5601-1987", "%C7%D1"), ("utf-8", "%ED%95%9C"), ("iso-8859-1", "%26%2354620%3B")],
)
def test_a_query_is_escaped_in_the_page_s_charset_and_a_path_in_utf_8(charset: str, query: str) -> None:
    body = f"<meta charset={charset}><a href='/한?q=한&amp;r=a#한'>x</a>".encode("cp949" if "k" in charset else "utf-8")
    if charset == "iso-8859-1":
        body = b"<meta charset=iso-8859-1><a href='/&#54620;?q=&#54620;&amp;r=a'>x</a>"
    page = Page("http://a.example/", "k", body, content_type="text/html")
    assert outgoing(page).links == (f"http://a.example/%ED%95%9C?q={query}&r=a",)


def test_words_of_rel_may_be_parted_by_commas() -> None:
    """HTML parts them by spaces; who writes `external,nofollow` says plainly enough what is wanted."""
    assert links("<a rel='external,nofollow' href=/comma>x</a><a rel='nofollow;ugc' href=/semicolon>x</a>") == ()
    assert links("<a rel=nofollower href=/x>x</a>") == ("http://a.example/x",)


def test_frames_are_links() -> None:
    assert links("<frameset><frame src=/menu><frame src=/page></frameset>") == (
        "http://a.example/menu",
        "http://a.example/page",
    )


def test_a_byte_of_ascii_in_a_character_of_a_query_stays_as_it_is() -> None:
    body = "<meta charset=shift_jis><a href='/?q=本'>x</a>".encode("cp932")
    page = Page("http://a.example/", "k", body, content_type="text/html")
    assert outgoing(page).links == ("http://a.example/?q=%96{",)


def test_a_base_counts_wherever_it_stands() -> None:
    pixel = "<head><noscript><img src=/pixel></noscript><base href=/dir/></head>"
    assert links(f"{pixel}<a href=x>x</a>") == ("http://a.example/dir/x",)


def test_a_page_that_is_a_frame_around_another_leads_there() -> None:
    frame = "<iframe id=mainFrame src='/PostView.naver?blogId=a&amp;logNo=1'></iframe>"
    assert links(frame) == ("http://a.example/PostView.naver?blogId=a&logNo=1",)
    assert links(f"{frame}<p>{'word ' * 100}") == ()


@pytest.mark.parametrize(
    "content", ["0; url=/refreshed", "0;URL='/refreshed'", '5, url="/refreshed" x', "0 /refreshed", " 1.5;/refreshed"]
)
def test_a_page_that_says_nothing_and_sends_its_reader_on_has_moved(content: str) -> None:
    markup = (
        f"<meta http-equiv=Refresh content='{content}'>"
        if "'" not in content
        else (f'<meta http-equiv=Refresh content="{content}">')
    )
    page = Page("http://a.example/dir/page", "k", f"{markup}<title>Moved</title>".encode(), content_type="text/html")
    assert outgoing(page) == Outgoing(moved="http://a.example/refreshed")


def test_a_page_that_says_something_has_not_moved_and_its_refresh_is_a_link() -> None:
    text = "word " * 100
    assert links(f"<meta http-equiv=refresh content='0; url=/next'><p>{text}") == ("http://a.example/next",)
    assert links("<meta http-equiv=refresh content='60; url=/next'><p>x") == ("http://a.example/next",)


def test_what_loads_itself_anew_or_wants_scripts_leads_nowhere() -> None:
    assert links("<meta http-equiv=refresh content='300'><p>x") == ()
    assert links("<meta http-equiv=refresh content=';url=/x'><p>x") == ()
    assert links("<meta http-equiv=refresh content='0; url=/dir/page'><p>x") == ()
    assert links("<noscript><meta http-equiv=refresh content='0; url=/noscript'></noscript><p>x") == ()


def test_a_sitemap_names_pages_and_not_their_pictures() -> None:
    sitemap = """<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
     xmlns:image="http://www.google.com/schemas/sitemap-image/1.1" xmlns:video="http://www.google.com/schemas/sitemap-video/1.1">
     <url><loc>http://a.example/p</loc><image:image><image:loc>http://a.example/a.jpg</image:loc></image:image>
     <video:video><video:content_loc>http://a.example/v.mp4</video:content_loc></video:video></url></urlset>"""
    assert links(sitemap, "application/xml") == ("http://a.example/p",)
    assert links(sitemap.replace("<url>", "<url>&nbsp;"), "application/xml") == ("http://a.example/p",)


def test_a_sitemap_with_an_error_keeps_its_other_addresses() -> None:
    found = links(
        "<?xml version='1.0'?><urlset><url><loc>http://a.example/?a=1&b=2</loc></url>"
        "<url><loc><![CDATA[http://a.example/3]]></loc></url></wrong><url><loc> http://a.example/4 </loc></url>",
        "text/xml",
    )
    assert found == ("http://a.example/?a=1&b=2", "http://a.example/3", "http://a.example/4")


def test_a_file_of_nothing_but_addresses_is_a_sitemap() -> None:
    listed = "\ufeffhttp://a.example/1\r\nhttp://a.example/2\n\n"
    page = Page("http://a.example/three.txt", "k", listed.encode(), content_type="text/plain")
    assert outgoing(page) == Outgoing(("http://a.example/1", "http://a.example/2"), listing=True)
    many = "\n".join(f"http://a.example/{n}" for n in range(500))
    assert len(links(many, "text/plain")) == 500
    assert links("see http://a.example/1\nhttp://a.example/2", "text/plain") == ()

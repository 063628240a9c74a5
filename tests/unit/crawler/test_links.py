"""Where a page leads."""

from crawler.links import links_of, own_address_of
from riverline.model import Page


def links(body: str, content_type: str = "text/html", url: str = "http://a.example/dir/page") -> tuple[str, ...]:
    return links_of(Page(url, url, body.encode(), content_type=content_type))


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


def test_a_page_s_own_address_is_the_one_that_its_document_stands_under() -> None:
    def own(body: str, content_type: str = "text/html") -> str:
        return own_address_of(Page("http://a.example/p?id=3", "k", body.encode(), content_type=content_type))

    assert own("<link rel=canonical href='/p/3?utm_source=x'><p>x") == "http://a.example/p/3"
    assert own("<link rel=canonical href='http://b.example/p/3'><p>x") == ""
    assert own("<p>x") == own("plain", "text/plain") == ""

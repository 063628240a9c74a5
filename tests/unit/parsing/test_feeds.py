"""Feeds as they are served: broken, in every version, with titles and summaries as a reader sees them."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverline.errors import Invalid
from riverline.model import Page
from riverline.parsing.parse import parse

URL = "http://harbour.example/feeds/news.xml"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
ITEM = "<item><title>Ferry delayed</title><link>http://harbour.example/ferry</link></item>"
FERRY = ("http://harbour.example/ferry",)
ATOM = 'xmlns="http://www.w3.org/2005/Atom"'
BROKEN = ["&nbsp;", "&mdash;", "&unheardof;", "&", "&&", "&;", "& ", "&#;", "&#xZZ;", "&#0;", "&#11;", "&#xD800;",
          "&#99999999;", "&a=1", "< 3", "<3", "<", "</ ", "\x0b", "<!--", "<![CDATA[x]]>", "]]>", "<br>", "</b>",
          "<img src=x>"]  # fmt: skip


def feed(xml: str, content_type: str = "application/rss+xml", fetched_at: int = 0):
    return parse(Page(URL, URL, xml.encode(), content_type=content_type, fetched_at=fetched_at))


def rss(inside: str, attributes: str = 'version="2.0"') -> str:
    return f"{DECLARATION}<rss {attributes}><channel><title>Harbour</title>{inside}</channel></rss>"


def atom(entry: str, attributes: str = "") -> str:
    return f"{DECLARATION}<feed {ATOM} {attributes}><title>Harbour</title><entry>{entry}</entry></feed>"


@given(st.integers(0, 5), st.sampled_from(["title", "link", "description"]), st.sampled_from(BROKEN))
def test_a_feed_with_one_broken_place_keeps_all_its_other_items(where, field, broken):
    items = []
    for number in range(6):
        texts = {"title": f"Boat {number} &amp; crew", "link": f"http://harbour.example/?b={number}&amp;c=1"}
        texts["description"] = "&lt;p&gt;Safe &amp;amp; dry&lt;/p&gt;"
        if number == where:
            texts[field] += broken
        items.append("".join(f"<{name}>{text}</{name}>" for name, text in texts.items()))
    parsed = feed(rss("".join(f"<item>{item}</item>" for item in items)))
    for number in {*range(6)} - {where}:
        assert f"http://harbour.example/?b={number}&c=1" in parsed.links
        assert f"Boat {number} & crew\nSafe & dry" in parsed.text


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("http://harbour.example/list?a=1&b=2", "http://harbour.example/list?a=1&b=2"),
        ("http://harbour.example/list?a=1&amp;b=2", "http://harbour.example/list?a=1&b=2"),
        ("http://harbour.example/list?a=1&amp;amp;b=2", "http://harbour.example/list?a=1&b=2"),
        ("<![CDATA[http://harbour.example/list?a=1&b=2]]>", "http://harbour.example/list?a=1&b=2"),
        ("\n  http://harbour.example/ferry\n", "http://harbour.example/ferry"),
        ("../ferry", "http://harbour.example/ferry"),
        ("/ferry?when=now&copy=2", "http://harbour.example/ferry?when=now&copy=2"),
    ],
)
def test_the_address_of_an_item_is_asked_for_as_it_was_meant(address, link):
    assert feed(rss(f"<item><title>A</title><link>{address}</link></item>")).links == (link,)


@pytest.mark.parametrize(
    "before",
    [
        "",
        "\n\n  ",
        "\ufeff",
        DECLARATION,
        f"\n{DECLARATION}",
        f"{DECLARATION}<!-- made by <rss> & hand -->\n",
        f'<?xml-stylesheet href="feed.xsl"?>{DECLARATION}',
        f"{DECLARATION}<!DOCTYPE rss [<!ENTITY nbsp '&#160;'>]>",
        f"<br />\n<b>Warning</b>: file not found in <b>/srv/x.php</b> on line <b>7</b><br />\n{DECLARATION}",
        f"Notice: undefined index & more\n{DECLARATION}",
        f"<br />\n<b>Deprecated</b>: in <b>/srv/plugins/x.php</b> on line <b>7</b><br />\n{DECLARATION}" * 40,
        f"<!-- {'A long licence. ' * 200}-->\n{DECLARATION}",
    ],
)
@pytest.mark.parametrize(
    "content_type", ["application/rss+xml", "text/xml", "text/html", "text/html; charset=utf-8", ""]
)
def test_what_stands_before_the_root_and_what_the_header_says_do_not_matter(before, content_type):
    xml = f'{before}<rss version="2.0"><channel><title>Harbour</title>{ITEM}</channel></rss>\n<script></script>'
    parsed = feed(xml, content_type)
    assert (parsed.kind, parsed.title, parsed.links) == ("feed", "Harbour", FERRY)


@pytest.mark.parametrize("content_type", ["text/plain", "application/json", "image/png", "application/x-rss"])
def test_a_feed_of_any_other_type_is_one_if_it_begins_as_one(content_type):
    assert feed(f'<rss version="2.0"><channel>{ITEM}</channel></rss>', content_type).links == FERRY


def test_a_page_about_feeds_is_a_page():
    shown = '<!doctype html><title>How to</title><p>Write <rss version="2.0"> first.</p>'
    assert feed(shown, "text/html").kind != "feed"


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Fish &amp; chips", "Fish & chips"),
        ("Fish &amp;amp; chips", "Fish & chips"),
        ("Fish &amp;amp;amp; chips", "Fish &amp; chips"),
        ("<![CDATA[Fish &#8211; chips]]>", "Fish – chips"),
        ("<![CDATA[Fish & chips]]>", "Fish & chips"),
        ("&lt;i&gt;Argo&lt;/i&gt; sails", "Argo sails"),
        ("When 1 &lt; 2", "When 1 < 2"),
        ("A vector&lt;int&gt; sinks", "A vector<int> sinks"),
        ("Tide&nbsp;tables &eacute;t&eacute;", "Tide tables été"),
        ("Tide &#150; tables", "Tide – tables"),
        ("I <3 boats", "I <3 boats"),
    ],
)
def test_a_title_of_rss_is_decoded_once_and_shown_as_text(title, text):
    assert feed(rss(f"<item><title>{title}</title></item>")).text == text


@pytest.mark.parametrize(
    ("attributes", "title", "text"),
    [
        ('type="html"', "Fish &amp;amp; &amp;lt;chips", "Fish & <chips"),
        ('type="html"', "<![CDATA[Fish &amp; <b>chips</b>]]>", "Fish & chips"),
        ('type="text"', "The &lt;b&gt; element &amp;amp; you", "The <b> element &amp; you"),
        ("", "AT&amp;T", "AT&T"),
        (
            'type="xhtml"',
            '<div xmlns="http://www.w3.org/1999/xhtml">Fi<i>s</i>h &amp; <br/>chips</div>',
            "Fish & chips",
        ),
    ],
)
def test_atom_says_how_a_title_is_written(attributes, title, text):
    assert feed(atom(f"<title {attributes}>{title}</title>")).text == text


@pytest.mark.parametrize(
    ("description", "text"),
    [
        ("<![CDATA[<p>It isn&#8217;t &amp; never was [&#8230;]</p>]]>", "It isn’t & never was […]"),
        ("&lt;p&gt;One.&lt;/p&gt;&lt;p&gt;T&lt;b&gt;w&lt;/b&gt;o.&lt;/p&gt;", "One. Two."),
        ('<![CDATA[<img alt="a > b"><script>x()</script>Three]]>', "Three"),
        ("It was <b>bold<br> and long", "It was bold and long"),
        ("It was <i>sound</i> & short", "It was sound & short"),
    ],
)
def test_a_summary_is_shown_as_text_and_swallows_nothing(description, text):
    item = f"<item><title>A</title><description>{description}</description><link>/ferry</link></item>"
    parsed = feed(rss(item + "<item><title>B</title></item>"))
    assert (parsed.text, parsed.links) == (f"A\n{text}\nB", FERRY)


@pytest.mark.parametrize("declared", [True, False])
@pytest.mark.parametrize("prefix", ["media", "itunes", "dc"])
def test_titles_of_other_vocabularies_count_only_where_there_is_no_other(prefix, declared):
    space = {
        "media": "http://search.yahoo.com/mrss/",
        "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
        "dc": "http://purl.org/dc/elements/1.1/",
    }[prefix]
    other = f"<{prefix}:title>IMG_7.JPG</{prefix}:title>"
    items = f"<item>{other}<title>Lights out</title></item><item>{other}<title/></item>"
    xml = rss(items, f'xmlns:{prefix}="{space}"' if declared else "")
    assert feed(xml).text == "Lights out\nIMG_7.JPG"


@pytest.mark.parametrize(
    ("of_feed", "of_entry", "of_link", "link"),
    [
        ("", "", "", "http://harbour.example/feeds/one"),
        ("http://a.example/x/", "", "", "http://a.example/x/one"),
        ("http://a.example/x/", "y/", "", "http://a.example/x/y/one"),
        ("http://a.example/x/", "y/", "/z/", "http://a.example/z/one"),
        ("/x/", "", "", "http://harbour.example/x/one"),
    ],
)
def test_relative_addresses_start_from_every_base_around_them(of_feed, of_entry, of_link, link):
    bases = [f'xml:base="{base}"' if base else "" for base in (of_feed, of_entry, of_link)]
    xml = f'<feed {ATOM} {bases[0]}><entry {bases[1]}><link {bases[2]} href="one"/></entry></feed>'
    assert feed(xml, "application/atom+xml").links == (link,)


@pytest.mark.parametrize(
    ("inside", "link"),
    [
        ('<guid>http://harbour.example/ferry</guid>', "http://harbour.example/ferry"),
        ('<guid isPermaLink="false">http://harbour.example/?p=7</guid>', ""),
        ("<guid>7-of-9</guid>", ""),
        ('<link/><guid isPermaLink="true">http://harbour.example/ferry</guid>', "http://harbour.example/ferry"),
        ('<a:link xmlns:a="http://www.w3.org/2005/Atom" rel="self" href="/feed"/><link>/ferry</link>',
         "http://harbour.example/ferry"),
        ('<a:link xmlns:a="http://www.w3.org/2005/Atom" href="/ferry"/>', "http://harbour.example/ferry"),
    ],
)  # fmt: skip
def test_an_item_of_rss_is_where_its_link_or_its_permanent_guid_says(inside, link):
    assert feed(rss(f"<item><title>A</title>{inside}</item>")).links == ((link,) if link else ())


@pytest.mark.parametrize(
    ("inside", "link"),
    [
        ('<link rel="self" href="/self"/><link rel="enclosure" href="/x.mp3"/><link href="/one"/>', "one"),
        ('<link type="application/json" href="/j"/><link rel="alternate" type="text/html" href="/one"/>', "one"),
        ('<link rel="http://www.iana.org/assignments/relation/alternate" href="/one"/>', "one"),
        ('<link rel="alternate" href="/one"/><link rel="alternate" hreflang="de" href="/eins"/>', "one"),
        ('<content type="text/html" src="http://harbour.example/one"/><id>urn:x</id>', "one"),
        ('<content type="text/html" src="../one"/><id>urn:x</id>', "one"),
        ("<id>http://harbour.example/one</id>", "one"),
    ],
)  # fmt: skip
def test_an_entry_of_atom_is_at_its_alternate_link(inside, link):
    assert feed(atom(inside)).links == (f"http://harbour.example/{link}",)


def test_rss_1_in_rdf_is_a_feed():
    xml = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="/"><title>Harbour</title>
    <dc:language>ko</dc:language>
    <items><rdf:Seq><rdf:li resource="http://harbour.example/ferry"/></rdf:Seq></items></channel>
    <item rdf:about="http://harbour.example/about"><title>Ferry</title><link>http://harbour.example/ferry</link>
    <dc:date>2025-03-04T14:30+09:00</dc:date></item></rdf:RDF>"""
    parsed = feed(xml, "text/html")
    assert (parsed.title, parsed.text, parsed.links, parsed.language) == ("Harbour", "Ferry", FERRY, "ko")
    assert parsed.published == "2025-03-04T14:30:00+09:00"


def test_atom_0_3_is_a_feed():
    xml = """<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title mode="escaped">Harbour</title>
    <tagline>Tides</tagline>
    <entry><title mode="escaped" type="text/html">Fish &amp;amp; chips</title><issued>2025-03-04T14:30:00+09:00</issued>
    <link rel="alternate" type="text/html" href="http://harbour.example/ferry"/></entry></feed>"""
    parsed = feed(xml, "text/html")
    assert (parsed.text, parsed.summary, parsed.links) == ("Fish & chips", "Tides", FERRY)
    assert parsed.published == "2025-03-04T14:30:00+09:00"


def test_a_date_after_the_fetch_does_not_hide_the_others():
    items = "".join(f"<item><pubDate>{day}</pubDate></item>" for day in ("2025-03-04", "2031-01-01", "2025-03-03"))
    assert feed(rss(items), fetched_at=1_760_000_000_000).published == "2025-03-04"


def test_the_newest_date_is_the_latest_moment_whatever_its_offset():
    items = "".join(
        f"<item><pubDate>Tue, 04 Mar 2025 {clock}</pubDate></item>" for clock in ("14:30:00 +0900", "08:00:00 +0000")
    )
    assert feed(rss(items)).published == "2025-03-04T08:00:00+00:00"


def test_a_feed_that_was_cut_off_keeps_what_arrived():
    whole = rss(ITEM + "<item><title>Next</title><description>&lt;p&gt;Lo")
    assert feed(whole.removesuffix("</channel></rss>")).links == FERRY


def test_entities_that_a_feed_declares_itself_are_read_and_none_from_elsewhere():
    kept = '<!ENTITY port "Old Harbour"><!ENTITY away SYSTEM "file:///etc/hostname"><!ENTITY more "&port;&port;">'
    title = "<item><title>&port; &away; &more;</title></item>"
    xml = f'<!DOCTYPE rss [{kept}]><rss version="2.0"><channel>{title}</channel></rss>'
    assert feed(xml).text == "Old Harbour &away; &more;"


@pytest.mark.parametrize("piece", ["<!--", "<![CDATA[", "<?", "&", "<a ", "<a", "<", "&port", "<item>", "</b>"])
def test_a_large_feed_of_nothing_but_errors_is_read_in_time(piece):
    began = time.process_time()
    feed(rss(piece * (1_000_000 // len(piece))))
    assert time.process_time() - began < 5


def test_what_holds_no_feed_is_invalid():
    with pytest.raises(Invalid) as caught:
        feed("<br/>nothing", "application/rss+xml")
    assert caught.value.reason == "broken_xml"

"""Titles without the name of their site."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from riverline.parsing.html.named import Named
from riverline.parsing.html.title import headline, without_site


@pytest.mark.parametrize(
    ("title", "names", "host", "bare"),
    [
        ("Storm over Busan | The River Times", ["The River Times"], "a.example", "Storm over Busan"),
        ("The River Times - Storm over Busan", ["River Times"], "a.example", "Storm over Busan"),
        ("Storm over Busan - rivertimes.com", [], "www.rivertimes.com", "Storm over Busan"),
        ("Storm over Busan – RiverTimes", [], "rivertimes.com", "Storm over Busan"),
        ("느린 기차 :: 한옥여행", ["한옥여행"], "hanok.example", "느린 기차"),
        ("Spider-Man - a review", ["The River Times"], "a.example", "Spider-Man - a review"),
        ("The River Times", ["The River Times"], "a.example", "The River Times"),
    ],
)
def test_the_site_is_taken_off(title, names, host, bare):
    assert without_site(title, names, host) == bare


def test_a_site_is_named_by_the_link_to_its_home_page():
    tree = LexborHTMLParser("<title>느린 기차 :: 한옥여행</title><a href='/'><font>한옥여행</font></a>")
    assert headline(tree, Named(tree), {}, "", "", "http://hanok.example/read?no=1") == "느린 기차"


def test_the_heading_that_a_title_repeats_is_the_title():
    tree = LexborHTMLParser("<title>Storm over Busan - News and more from the coast</title><h1>Storm over Busan</h1>")
    assert headline(tree, Named(tree), {}, "", "", "http://a.example/") == "Storm over Busan"


@pytest.mark.parametrize(
    ("title", "heading", "said"),
    [
        ("The ferry sails again > Notices | Weir Board", "The ferry sails again", "The ferry sails again"),
        ("The ferry sails again > Notices | Weir Board", "Weir: The ferry sails again", "The ferry sails again"),
        ("Weir Board › Notices › The ferry sails again", "The ferry sails again", "The ferry sails again"),
        ("나루터 종이 울렸다 > board", "나루터 종이 울렸다", "나루터 종이 울렸다"),
        ("The ferry sails again > Notices", "Notices", "Notices"),
        ("Vim > Emacs", "Why the ferry sails", "Vim > Emacs"),
        ("The ferry - a report", "A ferry report", "The ferry - a report"),
    ],
)
def test_a_title_that_is_a_path_is_the_end_that_a_heading_says(title, heading, said):
    for tag in ("h2", "h3"):
        tree = LexborHTMLParser(f"<title>{title}</title><h2>{title}</h2><{tag}>{heading}</{tag}>")
        assert headline(tree, Named(tree), {}, "", "", "http://a.example/") == said


def test_the_title_of_a_picture_is_not_the_pages():
    tree = LexborHTMLParser("<svg><title>Hamburger menu</title></svg><h1>Snortlewood opens a mill</h1>")
    assert headline(tree, Named(tree), {}, "", "", "http://a.example/") == "Snortlewood opens a mill"
    for beside in (
        "<svg><title>Logo</title></svg>", "<svg><title>A mill opens</title></svg>", "<svg><desc>A star</desc></svg>",
        "<style>.a{}</style>", "<script>show()</script>", "<span class=sr-only>Article:</span>",
    ):  # fmt: skip
        tree = LexborHTMLParser(f"<h1>{beside}A mill opens</h1>")
        assert headline(tree, Named(tree), {}, "", "", "http://a.example/") == "A mill opens"


def test_a_heading_that_is_the_site_is_not_the_title_of_its_articles():
    head = "<title>A mill opens in town - Weir Times</title><h1><a href='/'>Weir Times</a></h1>"
    tree = LexborHTMLParser(f"{head}<h2>A mill opens in town</h2>")
    assert headline(tree, Named(tree), {}, "", "", "http://a.example/1") == "A mill opens in town"
    tree = LexborHTMLParser("<h1><a href='/'>Weir Times</a></h1>")
    assert headline(tree, Named(tree), {}, "", "", "http://a.example/") == "Weir Times"


@pytest.mark.parametrize("title", ["The ferry is late - Weir Board", "Weir Board » Blog Archive » The ferry is late"])
def test_a_heading_below_the_sites_own_is_the_title(title):
    head = f"<title>{title}</title><div><h1>Weir Board</h1><p>Talk of the town</p></div>"
    tree = LexborHTMLParser(f"{head}<h2>The ferry is late</h2><h3>Weir Board</h3>")
    assert headline(tree, Named(tree), {}, "", "", "http://a.example/1") == "The ferry is late"
    tree = LexborHTMLParser("<title>The ferry is late - Weir Board</title><h3>Weir Board</h3>")
    assert headline(tree, Named(tree), {}, "", "", "http://a.example/1") == "The ferry is late - Weir Board"


@pytest.mark.parametrize("declared", ["The River Times", "News of the coast", "rivertimes.example"])
def test_a_headline_that_says_what_the_site_is_does_not_win(declared):
    html = "<title>Storm over Busan | The River Times | News of the coast</title><h1>Storm over Busan</h1>"
    tree = LexborHTMLParser(html)
    url = "http://rivertimes.example/1"
    assert headline(tree, Named(tree), {"og:title": declared}, "", "The River Times", url) == "Storm over Busan"
    assert headline(tree, Named(tree), {}, declared, "The River Times", url) == "Storm over Busan"
    assert headline(tree, Named(tree), {"og:title": "Typhoon near"}, "", "The River Times", url) == "Typhoon near"


def test_the_heading_of_the_article_goes_before_the_slogan_of_the_page():
    tree = LexborHTMLParser("<header><h1>News of the coast</h1></header><article><h1>A mill opens</h1></article>")
    assert headline(tree, Named(tree), {}, "", "", "http://a.example/") == "A mill opens"


def test_entities_that_were_escaped_twice_and_markup_are_not_shown():
    tree = LexborHTMLParser("<title>Smith &amp;amp; Sons won&amp;#8217;t &lt;b&gt;close&lt;/b&gt;</title>")
    assert headline(tree, Named(tree), {}, "", "", "http://a.example/") == "Smith & Sons won’t close"
    assert headline(tree, Named(tree), {}, "Smith &amp; Sons", "", "http://a.example/") == "Smith & Sons"

"""Declarative parsers for single sites."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from riverline.errors import Fatal
from riverline.model import Page
from riverline.parsing.parse import parse
from riverline.parsing.site_parsers import FOLDER, read, site_of

TABLE = '[[pages]]\nhosts = ["a.example"]\n'


def parsers(tmp_path, text):
    file = tmp_path / "a.toml"
    file.write_text(text, "utf-8")
    return read(file)


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.toml")), ids=lambda file: file.stem)
def test_every_site_parser_can_be_read(file):
    assert all(parser.hosts for parser in read(file))


def test_fields_come_from_texts_and_attributes(tmp_path):
    rules = "[pages.select]\ntitle = 'h2'\nimage = { css = 'img', attribute = 'src' }\ntags = '.tag'\ntext = '#text'"
    html = "<h2> A  title </h2><img src='/i.png'><b class=tag>one</b><b class=tag>two</b>"
    html += "<div id=text><p>First.</p><p>Second.</p></div>"
    chosen = parsers(tmp_path, TABLE + rules)[0].chosen(LexborHTMLParser(html), "http://a.example/x")
    assert (chosen.title, chosen.image, chosen.tags) == ("A title", "http://a.example/i.png", ("one", "two"))
    assert chosen.text == "First.\nSecond."


def test_the_first_rule_that_finds_something_counts(tmp_path):
    parser = parsers(tmp_path, TABLE + "[pages.select]\ntitle = ['h1', 'h2', 'h3']")[0]
    assert parser.chosen(LexborHTMLParser("<h2>two</h2><h3>three</h3>"), "").title == "two"


def test_what_is_dropped_is_not_read(tmp_path):
    parser = parsers(tmp_path, TABLE + "drop = ['.ad']\n[pages.select]\ntext = 'main'")[0]
    assert parser.chosen(LexborHTMLParser("<main><p>Text.</p><p class=ad>Buy!</p></main>"), "").text == "Text."


def test_a_site_is_known_with_and_without_www_and_by_its_path():
    assert site_of("https://www.youtube.com/watch?v=1").kind == "video"
    assert site_of("https://youtube.com/shorts/1") is not None
    assert site_of("https://www.youtube.com/about") is None
    assert site_of("https://notyoutube.com/watch") is None


def test_what_a_site_parser_does_not_find_is_left_to_the_general_one():
    head = "<title>느린 기차 :: 한옥여행</title><meta name=description content=요약>"
    html = f"{head}<div id=view_content><p>본문입니다.</p></div>"
    url = "http://hanok-travel.example/read.php?no=1"
    parsed = parse(Page(url, url, html.encode(), content_type="text/html"))
    assert (parsed.summary, parsed.text) == ("요약", "본문입니다.")


@pytest.mark.parametrize(
    "text",
    ["", "not toml", TABLE + "kind = 'recipe'", TABLE + "path = '/'", TABLE + "paths = '('", TABLE + "drop = ['a[[']",
     TABLE + "[pages.select]\nbody = 'p'", TABLE + "[pages.select]\ntitle = 3", "[[pages]]\nkind = 'list'"],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_fatal_and_named(tmp_path, text):
    with pytest.raises(Fatal, match=r"a\.toml"):
        parsers(tmp_path, text)

"""Titles without the name of their site."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from riverline.text.title import headline, without_site


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
    assert headline(tree, {}, "", "", "http://hanok.example/read?no=1") == "느린 기차"


def test_the_heading_that_a_title_repeats_is_the_title():
    tree = LexborHTMLParser("<title>Storm over Busan - News and more from the coast</title><h1>Storm over Busan</h1>")
    assert headline(tree, {}, "", "", "http://a.example/") == "Storm over Busan"

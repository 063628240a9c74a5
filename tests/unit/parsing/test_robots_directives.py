"""What pages ask of robots."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from riverline.parsing.html.named import Named
from riverline.parsing.html.robots_directives import Directives, of_headers, of_metas

JANUARY_2020, JANUARY_2030 = 1_577_836_800_000, 1_893_456_000_000


def of_html(*metas: tuple[str, str]) -> Directives:
    markup = "".join(f'<meta name="{name}" content="{content}">' for name, content in metas)
    return of_metas(Named(LexborHTMLParser(f"<head>{markup}</head><p>x")))


@pytest.mark.parametrize(
    ("content", "noindex", "nofollow"),
    [
        ("noindex", True, False),
        ("NoIndex, nofollow", True, True),
        ("noindex nofollow", True, True),
        ("noindex;nofollow", True, True),
        ("noindex/nofollow", True, True),
        ("noindex|nofollow", True, True),
        ("\u201cnoindex\u201d", True, False),
        ("max-image-preview=none", False, False),
        ("max-image-preview none, nofollow", False, True),
        ("max-snippet noindex", True, False),
        ("none", True, True),
        ("index, follow, max-image-preview:none", False, False),
        ("max-image-preview: none max-snippet:-1", False, False),
        ("max-snippet: 10, noindex", True, False),
        ("max-snippet:-1 noindex", True, False),
        ("all", False, False),
        ("noindexing", False, False),
        ("nonew", False, False),
        ("", False, False),
    ],
)
def test_directives_are_read_word_by_word(content: str, noindex: bool, nofollow: bool) -> None:
    for found in (of_html(("robots", content)), of_headers([content])):
        assert (found.noindex, found.nofollow) == (noindex, nofollow)


@pytest.mark.parametrize(
    ("values", "noindex", "nofollow"),
    [
        (["riverlinebot: noindex"], True, False),
        (["RiverlineBot: none"], True, True),
        (["otherbot: noindex"], False, False),
        (["googlebot: noindex, nofollow"], False, False),
        (["noindex", "otherbot: nofollow"], True, False),
        (["otherbot: noindex, riverlinebot: nofollow"], False, True),
        (["nofollow, otherbot: noindex"], False, True),
        (["*: noindex"], True, False),
        (["googlebot/2.1: noindex"], False, False),
        (["RiverlineBot/1.0: noindex"], True, False),
    ],
)
def test_what_is_said_to_another_crawler_is_not_said_to_this_one(
    values: list[str], noindex: bool, nofollow: bool
) -> None:
    found = of_headers(values)
    assert (found.noindex, found.nofollow) == (noindex, nofollow)


def test_meta_elements_add_up() -> None:
    assert of_html(("robots", "index,follow"), ("robots", "noindex")) == Directives(noindex=True)
    assert of_html(("ROBOTS", "nofollow"), ("riverlinebot", "noindex")) == Directives(True, True)
    assert of_html(("googlebot", "noindex"), ("description", "noindex")) == Directives()


@pytest.mark.parametrize(
    "written",
    [
        "Wed, 01 Jan 2020 00:00:00 GMT",
        "2020-01-01",
        "2020-01-01T00:00:00+00:00",
        "1 January 2020",
        "01-Jan-2020 00:00:00 UTC",
        "Wednesday, 01-Jan-20 00:00:00 GMT",
    ],
)
def test_a_page_is_not_indexed_after_the_date_that_it_gives(written: str) -> None:
    for found in (of_headers([f"unavailable_after: {written}"]), of_html(("robots", f"unavailable_after: {written}"))):
        assert found.unavailable_after == JANUARY_2020
        assert found.forbids_indexing(JANUARY_2030)
        assert not found.forbids_indexing(JANUARY_2020 - 1)


def test_a_date_is_followed_by_other_directives() -> None:
    found = of_headers(["unavailable_after: Wed, 01 Jan 2020 00:00:00 GMT, nofollow"])
    assert found == Directives(nofollow=True, unavailable_after=JANUARY_2020)
    assert of_headers(["unavailable_after: soon, noindex"]) == Directives(noindex=True)


RULE = st.sampled_from(
    ["noindex", "nofollow", "none", "index", "follow", "all", "max-image-preview:none", "max-snippet: -1", "noarchive",
     "unavailable_after: 2020-01-01"]
)  # fmt: skip


@given(st.lists(st.tuples(RULE, st.integers(0, 3), st.sampled_from([", ", ",", " , "])), max_size=6))
def test_any_split_of_rules_over_headers_and_metas_gives_the_same_verdict(rules: list[tuple[str, int, str]]) -> None:
    """Two headers, two meta elements, and all in one."""
    places = [[rule for rule, place, _ in rules if place == number] for number in range(4)]
    separator = rules[0][2] if rules else ","
    whole = separator.join(rule for rule, _, _ in rules)
    texts = [separator.join(place) for place in places]
    split = of_headers(texts[:2]) | of_html(("robots", texts[2]), ("riverlinebot", texts[3]))
    assert split == of_headers([whole]) == of_html(("robots", whole))

"""The main text of pages."""

from hypothesis import given, settings
from hypothesis import strategies as st

from riverline.model import Page
from riverline.parsing.html.main_region import body
from riverline.parsing.html.main_text import joined, readable
from riverline.parsing.html.page import parsed_tree
from riverline.parsing.parse import parse

PARAGRAPH = "The river rose by two metres overnight, and the old bridge was closed to all traffic before dawn. "
ARTICLE = f"<h1>The river</h1><p>{PARAGRAPH * 3}</p><p>{PARAGRAPH * 2}</p>"


def text_of(html: str) -> str:
    return joined(body(readable(parsed_tree(html))).runs)


def test_paragraphs_become_lines():
    assert text_of(f"<article>{ARTICLE}</article>") == f"{(PARAGRAPH * 3).strip()}\n{(PARAGRAPH * 2).strip()}"


def test_navigation_footers_and_comments_are_left_out():
    around = f"<nav>Home Sports</nav><article>{ARTICLE}</article><div class='comments'><p>{PARAGRAPH}first!</p></div>"
    text = text_of(f"{around}<footer><p>All rights reserved by the gazette company of the river.</p></footer>")
    assert "bridge" in text
    assert not any(word in text for word in ("Sports", "first!", "rights reserved"))


def test_related_pages_leave_though_they_are_longer_than_a_short_article():
    related = "".join(f"<li><a href='/{n}'>Story {n}</a><br>{PARAGRAPH * 2}</li>" for n in range(3))
    text = text_of(f"<div>{ARTICLE}<ul class='related_post'>{related}</ul></div>")
    assert text == f"{(PARAGRAPH * 3).strip()}\n{(PARAGRAPH * 2).strip()}"


def test_a_lead_that_stands_apart_from_the_text_is_kept():
    lead = "<p>After a night of rain the town counts its damages and its luck, says the mayor.</p>"
    html = f"<main><h1>The river</h1><header>{lead}</header><div class='text'><p>{PARAGRAPH * 4}</p></div></main>"
    assert text_of(html).startswith("After a night of rain")


def test_a_list_of_links_inside_the_text_is_left_out():
    links = "".join(f"<li><a href='/{n}'>Another story number {n}</a></li>" for n in range(6))
    assert "Another story" not in text_of(f"<article>{ARTICLE}<ul>{links}</ul></article>")


def test_a_page_whose_whole_text_stands_in_a_form_is_read():
    assert "bridge" in text_of(f"<form action='/'><div>{ARTICLE}</div></form>")


def test_a_consent_banner_longer_than_the_text_is_not_the_text():
    banner = (
        f"<div class='cookie-consent'><p>{'We value your privacy and use cookies for many things. ' * 40}</p></div>"
    )
    text = text_of(f"{banner}<article>{ARTICLE}</article>")
    assert "bridge" in text
    assert "cookies" not in text


def test_a_control_character_by_its_number_does_not_fail_a_short_page():
    for number in ("&#8;", "&#x1f;", "&#xfffe;", "&#x0B"):
        text = f"{number}The bridge{number} is closed.<div>{number}The mayor said so.{number}</div>{number}"
        page = Page("http://a.example/1", "http://a.example/1", f"<p>{text}</p><span>{text}</span>".encode())
        assert parse(page).text == "The bridge is closed."


def test_line_breaks_are_kept_and_two_of_them_begin_a_paragraph():
    assert text_of(f"<div>{PARAGRAPH}<br>{PARAGRAPH}<br><br>{PARAGRAPH}</div>").count("\n") == 2


def test_what_is_a_block_by_its_style_is_a_line_of_its_own():
    spans = "".join(
        f'<span style="{style}">{words}</span>'
        for style, words in (
            ("display:block", "Monday to five"),
            ("display:-webkit-box", "a break"),
            ("color:red; DISPLAY : flex", "Saturday to noon"),
        )
    )
    text = text_of(
        f"<article>{ARTICLE}<p>Opening hours:{spans}and <i style='display:inline-block'>never</i> on Sunday</p>"
    )
    assert "Opening hours:\nMonday to five\na break\nSaturday to noon\nand never on Sunday" in text


def test_words_that_a_style_hides_are_left_out():
    text = text_of(f"<article>{ARTICLE}<p>{PARAGRAPH}<span style='display: none'>Copied text.</span></p></article>")
    assert "Copied" not in text


def test_soft_hyphens_are_taken_out_and_characters_composed():
    assert "Fahrrad é" in text_of(f"<article><p>{PARAGRAPH}Fahr\xadrad e\u0301 {PARAGRAPH}</p></article>")


def test_a_page_that_lists_others_with_short_teasers_is_a_list():
    cards = "".join(
        f"<h2><a href='/{n}'>Story number {n} of many</a></h2><p>A short teaser, no more.</p>" for n in range(9)
    )
    found = body(readable(parsed_tree(f"<main><h1>News</h1>{cards}</main>")))
    assert found.lists(joined(found.runs))


def test_an_article_that_recommends_others_below_is_no_list():
    links = "".join(f"<h3><a href='/{n}'>Story number {n} of many</a></h3>" for n in range(30))
    found = body(readable(parsed_tree(f"<main>{ARTICLE}<div>{links}</div></main>")))
    assert not found.lists(joined(found.runs))


TAGS = st.sampled_from(["div", "p", "a", "span", "ul", "li", "table", "td", "article", "h1", "br", "b", "section"])


@settings(max_examples=300)
@given(st.lists(st.tuples(TAGS, st.booleans(), st.text(max_size=80)), max_size=40))
def test_what_is_kept_stands_in_the_page_and_no_run_comes_twice(pieces):
    page = readable(parsed_tree("<body>" + "".join(f"<{'/' * shut}{tag}>{text}" for tag, shut, text in pieces)))
    runs = body(page).runs
    numbers = [next(n for n, other in enumerate(page.runs) if other is run) for run in runs]
    assert numbers == sorted(set(numbers))


def test_blocks_in_a_part_of_a_line_that_is_not_shown_belong_to_no_element():
    hidden = "<span hidden><div><p>Nobody sees this.</p></div></span>"
    before = "<div><p>a</p></div>" * 40
    article = f"<article><div><p>{PARAGRAPH * 3}</p>{hidden}<p>{PARAGRAPH * 2}again.</p></div></article>"
    assert text_of(before + article) == f"{(PARAGRAPH * 3).strip()}\n{PARAGRAPH * 2}again."

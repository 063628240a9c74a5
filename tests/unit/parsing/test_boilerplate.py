"""What stands around a main text leaves, however large it is beside a short article; what belongs to it stays."""

import pytest

from riverline.model import Page
from riverline.parsing.html.boilerplate import headline
from riverline.parsing.html.main_region import body
from riverline.parsing.html.main_text import joined, readable
from riverline.parsing.html.page import parsed_tree
from riverline.parsing.parse import parse

STORY = "The lock keeper has opened the upper gate for the last time, and the boats lay three abreast to see it. "
SECOND = "Nobody could say who will wind the sluices when the ice comes, for the board has not named a successor. "
ARTICLE = f"<h1>The last keeper</h1><p>{STORY}</p><p>{SECOND}</p>"
OTHER = "Elsewhere on the canal a barge with gravel ran aground, and the tow path was closed for two days. "


def text_of(html: str) -> str:
    return joined(body(readable(parsed_tree(html))).runs)


def teasers(around: str, title: str) -> str:
    """Eight other stories, each with a title that is a link and a description that is none."""
    cards = (
        f"<{title}><a href=/{n}>The gravel barge is afloat again, part {n}</a></{title}><p>{OTHER}</p>"
        for n in range(8)
    )
    return "".join(f"<{around}>{card}</{around}>" for card in cards)


def paragraphs(count: int, text: str = OTHER) -> str:
    return "".join(f"<p>{text}Number {number}.</p>" for number in range(count))


@pytest.mark.parametrize(
    "around",
    [
        f"<dialog open><h2>Your choice</h2>{paragraphs(9)}</dialog>",
        f"<div role='dialog' aria-label='Privacy'>{paragraphs(9)}</div>",
        f"<div class='box' aria-modal='true'>{paragraphs(9)}</div>",
        f"<div id='privacy-notice'>{paragraphs(9)}</div>",
        f"<footer>{paragraphs(9)}</footer>",
        f"<div role='contentinfo'>{paragraphs(9)}</div>",
        f"<aside><h2>About the canal</h2>{paragraphs(9)}</aside>",
        f"<div role='complementary'>{paragraphs(9)}</div>",
        f"<div class='breaking-ticker'>{paragraphs(9)}</div>",
        f"<marquee>{paragraphs(9)}</marquee>",
        f"<div hidden>{paragraphs(9)}</div>",
        f"<div style='visibility: hidden'>{paragraphs(9)}</div>",
        f"<div style='opacity: 0'>{paragraphs(9)}</div>",
        f"<div style='position: absolute; opacity:.0;'>{paragraphs(9)}</div>",
        f"<div style='position:absolute;left:-9999px'>{paragraphs(9)}</div>",
        f"<div style='position:absolute; clip: rect(0,0,0,0)'>{paragraphs(9)}</div>",
        f"<div style='width:1px;height:1px;overflow:hidden'>{paragraphs(9)}</div>",
        f"<div style='content-visibility:hidden'>{paragraphs(9)}</div>",
        f"<style>.v{{display:none}}</style><div class='v'>{paragraphs(9)}</div>",
        f"<style>/* .v{{}} */ #w,#v{{ display: none }}</style><div id=v>{paragraphs(9)}</div>",
        f"<style>div.v{{left:0;visibility:hidden}}</style><div class='a v'>{paragraphs(9)}</div>",
        f"<style>.9,.a²,.-,.v{{display:none}}</style><div class=v>{paragraphs(9)}</div>",  # not all are names
        f"<div class='sr-only'>{paragraphs(9)}</div>",
        f"<div class='screen-reader-text'>{paragraphs(9)}</div>",
        f"<div id='footer'>{paragraphs(9)}</div>",
        f"<div class='d-none'>{paragraphs(9)}</div>",
        f"<div class='tab is-hidden'>{paragraphs(9)}</div>",
        f"<div class='modal fade'>{paragraphs(9)}</div>",
        f"<div class='layer_popup'>{paragraphs(9)}</div>",
        f"<div class='newsletter-signup'>{paragraphs(9)}</div>",
        *(
            f"<div id='{name}'>{paragraphs(9)}</div>"
            for name in (
                "didomi-host",
                "usercentrics-root",
                "sp_message_container_1",
                "qc-cmp2-main",
                "klaro",
                "iubenda-cs",
            )
        ),
        f"<ul class='related-stories'>{teasers('li', 'b')}</ul>",
    ],
)
@pytest.mark.parametrize("main", [f"<article>{ARTICLE}</article>", f"<div>{ARTICLE}</div>"])
def test_what_is_beside_by_what_it_is_leaves_though_it_is_far_longer(around: str, main: str) -> None:
    for html in (main + around, around + main):
        assert text_of(f"<body>{html}</body>") == f"{STORY.strip()}\n{SECOND.strip()}"


def test_what_is_hidden_on_some_screens_alone_stays() -> None:
    assert OTHER.strip() in text_of(f"<article>{ARTICLE}<div class='d-none d-md-block'><p>{OTHER}</p></div></article>")


@pytest.mark.parametrize(
    "part",
    [
        f"<div style='opacity:0;transform:translateY(20px)'><p>{OTHER}</p></div>",
        f"<div style='opacity:0' data-w-id=7><p>{OTHER}</p></div>",
        f"<div style='opacity:0.5'><p>{OTHER}</p></div>",
        f"<div style='max-height:0;overflow:hidden'><p>{OTHER}</p></div>",
        f"<details><summary>More</summary><p>{OTHER}</p></details>",
        f"<style>.v{{display:none}} .v.open{{display:block}}</style><div class=v><p>{OTHER}</p></div>",
        f"<style>.v{{display:none}} @media print{{.v{{color:red}}}}</style><div class=v><p>{OTHER}</p></div>",
        f"<style>@media print{{a{{color:red}} .v{{display:none}}}}</style><div class=v><p>{OTHER}</p></div>",
        f"<style media=print>.v{{display:none}}</style><div class=v><p>{OTHER}</p></div>",
        f"<style>.no-js .v{{display:none}} .v .w{{display:none}}</style><div class=v><p>{OTHER}</p></div>",
        f"<style>.v{{backface-visibility:hidden}} .v{{opacity:0.9}}</style><div class=v><p>{OTHER}</p></div>",
    ],
)
def test_what_fades_in_folds_out_or_is_hidden_now_and_then_stays(part: str) -> None:
    """Texts come into sight as they are scrolled to, and fold out at a click; a rule for paper hides nothing here."""
    assert "gravel" in text_of(f"<body><article><h1>The last keeper</h1><p>{STORY}</p>{part}<p>{SECOND}</p></article>")


@pytest.mark.parametrize(
    "around", ["div hidden", "div style='opacity:0'", "div class=v", "aside", "div role=dialog", "footer"]
)
def test_what_is_hidden_beside_a_single_sentence_is_not_fetched_back(around: str) -> None:
    beside = f"<{around}>{paragraphs(9)}</{around.split()[0]}>"
    page = (
        f"<title>Keeper</title><style>.v{{display:none}}</style><article><h1>The last keeper</h1><p>{STORY[:60]}.</p>"
    )
    html = f"<body>{page}</article>{beside}".encode()
    assert "gravel" not in parse(Page("http://a.example/1", "http://a.example/1", html, content_type="text/html")).text


def test_a_page_whose_only_text_stands_in_such_an_element_is_read() -> None:
    for element in ("aside", "footer", "dialog"):
        assert "gravel" in text_of(f"<body><p>Hello.</p><{element}>{paragraphs(5)}</{element}></body>")


@pytest.mark.parametrize(
    "attributes", ["class='post-7 post type-post hentry'", "class=story", "class='post-8 hentry' id=post-8"]
)
def test_other_stories_in_the_page_or_in_its_article_leave(attributes: str) -> None:
    other = f"<article {attributes}><h2><a href='/other'>A barge ran aground</a></h2>{paragraphs(3)}</article>"
    for html in (
        f"<article class='post-1 post hentry'>{ARTICLE}{other}{other}</article>",
        f"<main><article class='post-1 post hentry'>{ARTICLE}</article>{other}{other}</main>",
        f"{other}<main><article class='post-1 post hentry'>{ARTICLE}</article></main>",
    ):
        assert text_of(f"<body>{html}</body>") == f"{STORY.strip()}\n{SECOND.strip()}"


def test_reports_of_a_live_blog_stay() -> None:
    reports = "".join(f"<article><h2>Ten past {n}</h2><p>{OTHER}{n}</p></article>" for n in ("one", "two", "three"))
    assert text_of(f"<body><article>{ARTICLE}{reports}</article></body>").count("gravel") == 3


@pytest.mark.parametrize("tag", ["h3", "h2", "div", "strong"])
def test_teasers_leave_though_their_descriptions_are_no_links(tag: str) -> None:
    section = f"<section><h2>Canal news</h2>{teasers('div', tag)}</section>"
    text = text_of(f"<body><main><article>{ARTICLE}</article>{section}</main></body>")
    assert text == f"{STORY.strip()}\n{SECOND.strip()}"


def cards(link: str = "", title: str = "h3") -> str:
    """Six other stories whose titles are no links."""
    return "".join(
        f"<div class=t><{title}>The gravel barge is afloat, part {n}</{title}><p>{OTHER}{n}</p>{link}</div>"
        for n in range(6)
    )


@pytest.mark.parametrize("main", [f"<article>{ARTICLE}</article>", f"<div>{ARTICLE}</div>"])
@pytest.mark.parametrize("others", [cards(), cards("<a href=/x>Read more</a>"), teasers("div", "h3")])
def test_teasers_above_the_headline_leave(main: str, others: str) -> None:
    for before in (others, f"<section><h2>Canal news</h2>{others}</section>"):
        assert text_of(f"<body>{before}{main}</body>") == f"{STORY.strip()}\n{SECOND.strip()}"


@pytest.mark.parametrize("main", [f"<article>{ARTICLE}</article>", f"<div>{ARTICLE}</div>"])
def test_teasers_that_end_with_a_link_leave(main: str) -> None:
    others = cards("<a href=/x>Read more</a>")
    assert text_of(f"<body>{main}<section>{others}</section></body>") == f"{STORY.strip()}\n{SECOND.strip()}"


def test_what_stands_beside_an_article_that_is_a_whole_text_leaves() -> None:
    article = f"<article>{ARTICLE}<p>{STORY * 2}</p></article>"
    for html in (f"<div>{cards()}</div>{article}", f"{article}<div>{paragraphs(9)}</div>"):
        assert "gravel" not in text_of(f"<body>{html}</body>")


def test_sections_below_a_headline_stay_though_they_look_like_teasers() -> None:
    """Nothing tells titles without links below a headline from the headings of its own text."""
    assert text_of(f"<body><div>{ARTICLE}{cards()}</div></body>").count("gravel barge") == 6
    assert text_of(f"<body><article><h1>The last keeper</h1></article>{cards()}</body>").count("gravel barge") == 6


def test_a_list_of_linked_things_that_is_the_article_stays() -> None:
    things = "".join(
        f"<div><h2><a href=/{n}>Lock number {n} of the flight</a></h2><p>{OTHER}{n}</p></div>" for n in range(8)
    )
    assert text_of(f"<body><article>{ARTICLE}{things}</article></body>").count("gravel") == 8


def test_a_copy_for_other_readers_is_read_once() -> None:
    copy = f"<p>{STORY}</p><p>{SECOND}</p>"
    html = f"<h1>The last keeper</h1><div class='d-desktop'>{copy}</div><div class='d-mobile'>{copy}</div>"
    assert text_of(f"<body><main>{html}</main></body>") == f"{STORY.strip()}\n{SECOND.strip()}"


@pytest.mark.parametrize(
    "hidden",
    ["class=sr-only", "class='screen-reader-text'", "class=visually-hidden", "hidden", "style='visibility:hidden'"],
)
def test_words_for_screen_readers_are_in_no_sentence(hidden: str) -> None:
    link = f"<a href=/k>of the lock<span {hidden}> (opens a new tab)</span></a>"
    text = text_of(f"<article><h1>Keeper</h1><p>The keeper {link} {STORY}</p></article>")
    assert text == f"The keeper of the lock {STORY.strip()}"


def test_a_sentence_that_is_mostly_a_link_stays_where_it_stands_in_the_text() -> None:
    lead = "<p><a href=/board>The canal board met on Tuesday to choose between three keepers of other locks.</a></p>"
    end = "<p>More of it: <a href=/x>the minutes of all meetings since the flood, with every vote.</a></p>"
    more = "<p><a href=/more>Read also: the barge that would not float</a></p>"
    text = text_of(
        f"<body><article><h1>The last keeper</h1>{lead}<p>{STORY}</p><p>{SECOND}</p>{end}{more}</article></body>"
    )
    assert text.startswith("The canal board met")
    assert text.endswith("with every vote.")


@pytest.mark.parametrize(
    "name",
    [
        "recipe image-right",
        "paragraph with-image",
        "recipe-image-text",
        "post-image article-text",
        "meta recipe-meta",
        "text date-box",
    ],
)
def test_a_word_for_a_picture_in_a_name_takes_no_recipe_away(name: str) -> None:
    steps = "".join(f"<li>{number} spoons of flour</li>" for number in range(9))
    method = "<p>Stir the flour into the warm milk, and leave it by the stove until it has doubled.</p>" * 2
    recipe = f"<div class='{name}'><h2>What it takes</h2><ul>{steps}</ul>{method}</div>"
    text = text_of(f"<body><article><h1>Bread</h1><div><p>{STORY * 4}</p></div>{recipe}</article></body>")
    assert "8 spoons of flour" in text
    assert "doubled" in text


def test_the_lead_of_a_story_may_be_called_a_teaser_and_other_pages_are_linked() -> None:
    lead = (
        "<div class='teaser-text'><p>A lock without a keeper is a door without a key, says the canal board.</p></div>"
    )
    others = "".join(f"<div class='teaser'><p><a href=/{n}>More</a> {OTHER}</p></div>" for n in range(4))
    text = text_of(
        f"<body><article><h1>The last keeper</h1>{lead}<div><p>{STORY * 3}</p></div></article>{others}</body>"
    )
    assert text.startswith("A lock without a keeper")
    assert "gravel" not in text


def test_a_lead_before_the_article_stays() -> None:
    lead = "<p>A lock without a keeper is a door without a key, says the canal board.</p>"
    head = f"<header><h1>The last keeper</h1>{lead}</header>"
    assert text_of(f"<body>{head}<article><p>{STORY * 3}</p></article></body>").startswith("A lock without")


def test_headings_of_what_was_left_out_go_with_it() -> None:
    links = "<ul><li><a href=/1>The barge that ran aground</a></li><li><a href=/2>Ice on the canal</a></li></ul>"
    html = f"<h1>The last keeper</h1><p>{STORY}</p><h3>You could read</h3>{links}<h3>The board</h3><p>{SECOND}</p>"
    text = text_of(f"<body><article>{html}<h3>About the authors</h3></article></body>")
    assert "You could read" not in text
    assert "The board" in text
    assert "About the authors" not in text


@pytest.mark.parametrize(
    "line", ["Photo: Ann Reed", "© 2025 The Canal Post. All rights reserved.", "Filed under: locks", "사진=한결"]
)
def test_credits_and_notes_are_no_text(line: str) -> None:
    assert line not in text_of(f"<article><h1>Keeper</h1><p>{STORY}</p><p>{line}</p><p>{SECOND}</p></article>")


def test_captions_and_embedded_posts_are_left_out_and_quotations_stay() -> None:
    """A caption says what a picture shows, and a post of another site is that site's: neither is what the page says."""
    said = "<blockquote><p>I have wound these gates for forty years, and never lost a boat.</p></blockquote>"
    post = f"<blockquote class='twitter-tweet'><p>{OTHER}</p></blockquote>"
    shown = "The keeper at the upper gate, with his dog and the old windlass."
    caption = f"<figure><img src=x><figcaption>{shown}</figcaption></figure>"
    text = text_of(f"<article><h1>Keeper</h1><p>{STORY}</p>{caption}{said}{post}<p>{SECOND}</p></article>")
    assert "never lost a boat" in text
    assert "windlass" not in text
    assert "gravel" not in text


@pytest.mark.parametrize(
    ("html", "place"),
    [
        ("<h1><a href=/>The Canal Post</a></h1><h1>Keeper</h1>", 1),
        ("<h1>The Canal Post</h1><article><h1>Keeper</h1></article>", 2),
        ("<h1>Keeper</h1><h1>Shop</h1>", 0),
    ],
)
def test_the_headline_is_the_articles_and_no_link_to_the_home_page(html: str, place: int) -> None:
    page = readable(parsed_tree(f"<body>{html}<p>{STORY}</p></body>"))
    assert (
        page.elements[headline(page)]
        is [element for element in page.elements if element.tag in ("h1", "article")][place]
    )


def test_a_short_text_in_korean_is_not_given_up_for_a_long_dialog() -> None:
    story = "물안개가 걷히지 않은 나루터에서 백 년 동안 소리를 내지 못하던 종이 다시 울렸다."
    more = "종은 뱃사공의 손자가 헛간에서 찾아내어 마을에 내놓은 것으로, 금이 간 자리를 장인 둘이 석 달에 걸쳐 메웠다."
    last = "마을은 해마다 첫 배가 뜨는 날 이 종을 치기로 했다."
    notice = "이용자의 관심사를 알아보기 위하여 기사를 읽은 시간과 기기 정보를 수집합니다."
    dialog = f"<div role=dialog>{f'<p>{notice}</p>' * 9}</div>"
    html = f"<h1>나루터 종</h1><p>{story}</p><p>{more}</p><p>{last}</p>{dialog}"
    page = Page("http://a.example/1", "http://a.example/1", html.encode(), content_type="text/html; charset=utf-8")
    assert parse(page).text == f"{story}\n{more}\n{last}"

"""Which of the dates in a page is the page's own."""

import lxml.html
import pytest

from riverline.model import Page
from riverline.parsing.dates.unrelated import drop_beside, is_of_others
from riverline.parsing.parse import parse

FETCHED = 1_760_000_000_000  # 2025-10-09T08:53:20Z
BODY = "".join(
    f"<p>{sentence}</p>"
    for sentence in (
        "The ferry to the outer islands did not leave on Monday, since its engine had been flooded during the night.",
        "Passengers were taken across by fishing boats, whose owners asked for no money and stayed until the evening.",
        "The company expects the spare parts within a week, and has rented a smaller ship from the next town.",
    )
)


def published(inside: str, head: str = "", path: str = "ferry", lang: str = "en", host: str = "harbour.example") -> str:
    url = f"http://{host}/{path}"
    html = f'<!doctype html><html lang="{lang}"><head><title>Ferry</title>{head}</head><body>{inside}</body></html>'
    return parse(Page(url, url, html.encode(), content_type="text/html", fetched_at=FETCHED)).published


def article(line: str = "", after: str = "") -> str:
    return f"<article><h1>The ferry stays in port</h1>{line}{BODY}</article>{after}"


def test_an_address_in_the_future_does_not_hide_the_date_that_the_page_shows():
    assert published(article("<p>Posted on 4 March 2025</p>"), path="events/2027/01/15/concert") == "2025-03-04"


def test_the_date_that_a_page_says_it_was_posted_on_comes_before_its_address():
    assert published(article("<p>Posted on 4 March 2025</p>"), path="events/2025/06/15/concert") == "2025-03-04"


def test_a_path_made_of_a_date_comes_before_a_date_that_the_page_shows():
    assert published(article("<p>4 March 2025</p>"), path="2025/03/01/ferry") == "2025-03-01"


def test_a_number_in_an_address_comes_after_the_date_that_the_page_shows():
    assert published(article("<p>4 March 2025</p>"), path="item/20190102") == "2025-03-04"
    assert published(article(), path="item/20190102") == "2019-01-02"


@pytest.mark.parametrize(
    "around", ["aside", "nav", "footer", "div class=related-posts", "div class='teaser'", "article"]
)
def test_the_times_of_other_stories_are_none_of_the_page(around):
    other = (
        f"<{around}><a href=/x>Other</a><time class=published datetime=2024-01-02>2 Jan</time></{around.split()[0]}>"
    )
    assert published(article(after=other)) == ""
    assert published(other + article("<time class=published datetime=2025-03-04>4 March</time>")) == "2025-03-04"


def test_a_side_bar_in_the_name_of_what_holds_the_page_means_nothing():
    line = "<time class=published datetime=2025-03-04>4 March</time>"
    assert published(f"<div class='right sidebar'>{article(line)}</div>") == "2025-03-04"


@pytest.mark.parametrize(
    "line",
    [
        "<div>Joined: <time datetime=2012-03-04>4 March 2012</time></div>",
        "<div>Joined 4 March 2012</div>",
        "<dl><dt>Member since</dt><dd>4 March 2012</dd></dl>",
        "<div>Registriert seit: 04.03.2012</div>",
        "<div>가입일 2012.03.04</div>",
        "<div class=user-stats><time datetime=2012-03-04></time></div>",
        "<div>Offer ends 4 March 2024</div>",
        "<div itemprop=offers><meta itemprop=priceValidUntil content=2024-03-04></div>",
        "<div>2024.03.04까지</div>",
        "<div>이벤트 기간: 2024.03.01 ~ 2024.03.04</div>",
        "<div>가입: 2012-03-04</div>",
        "<div>加入时间：2012-03-04</div>",
        "<div>Зарегистрирован: 04.03.2012</div>",
        "<div>Inscription : 04 mars 2012</div>",
        "<div>Medlem sedan: 4 mars 2012</div>",
        "<div>User since 4 March 2012</div>",
        "<div>Last visit: 4 March 2012</div>",
        "<div>Sale ends 4 March 2024.</div>",
        "<div>Sale until March 4, 2024</div>",
        "<div>Deadline: March 4, 2024</div>",
        "<div>Register by March 4, 2024</div>",
        "<div>Born: March 4, 1992</div>",
        "<p>Copyright 2021-01-31</p>",
        "<div>Copyright © 2021-01-31 The Harbour Post. All rights reserved.</div>",
        "<footer>© 31 January 2021 The Harbour Post</footer>",
        "<div>(c) 2021.01.31 The Harbour Post</div>",
        "<div>저작권자 ⓒ 2021-01-31 나루신문</div>",
        "<div>등록번호: 부산 아01234 | 등록일: 2011.01.31 | 발행인: 김한결</div>",
        "<div>Founded 31 January 2001</div>",
        "<div>일시: 2021년 1월 31일</div>",
        "<div>Event date: 31 January 2021</div>",
        "<span itemprop=priceValidUntil>2024-03-04</span>",
        "<ul class=widget_recent_entries><li><a href=/x>Other</a> <span>4 March 2024</span></ul>",
        "<ol class=commentlist><li><time datetime=2024-03-04>4 March</time><p>Well said.</ol>",
        "<p>On 11 September 2001 the harbour was full of ships that had nowhere to go, and nobody knew why.</p>",
        "<script>var offer={'end':'2021-01-31T00:00:00'};</script>",
        '<script>window.offer={"end":"2021-01-31T00:00:00"};</script>',
        '<script type="application/json">{"priceValidUntil":"2021-01-31"}</script>',
        '<script type="application/ld+json">{"@type":"Offer","validThrough":"2021-01-31"}</script>',
    ],
)
def test_dates_of_readers_and_of_offers_are_none_of_the_page(line):
    assert published(article(line)) == ""
    assert published(article(line, "<p>Published on 5 March 2025</p>")) == "2025-03-05"


def test_a_line_that_tells_of_a_change_and_of_the_publication_tells_both():
    assert published(article("<p>Updated: March 6, 2025 · Published: March 4, 2025</p>")) == "2025-03-04"


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("<p>Copyright © 19.12.2019 - 12:14 h by the harbour office. All rights reserved.</p>", "2019-12-19"),
        ("<p>입력 2025-03-04 ⓒ 나루신문</p>", "2025-03-04"),
        ("<p>작성일시 2025-03-04</p>", "2025-03-04"),
        ("<p>등록일 2025-03-04</p>", "2025-03-04"),
    ],
)
def test_a_moment_and_what_is_named_so_are_the_pages_date_beside_a_copyright_too(line, read):
    assert published(article(line)) == read


def test_bloggers_time_stands_in_the_title_of_an_abbreviation():
    line = "<abbr class=published itemprop=datePublished title='2025-03-04T10:52:00+02:00'>10:52</abbr>"
    assert published(article(after=line)) == "2025-03-04T10:52:00+02:00"


def test_what_is_called_published_is_read_in_any_element():
    later = "<time datetime=2024-01-02>2 January</time>"
    assert published(article("<span class=published>4. März 2025</span>", later)) == "2025-03-04"


@pytest.mark.parametrize(
    ("lang", "host", "read"),
    [
        ("en-US", "harbour.example", "2025-03-04"),
        ("en-GB", "harbour.example", "2025-04-03"),
        ("en-US", "harbour.co.uk", "2025-04-03"),
        ("en", "harbour.us", "2025-03-04"),
    ],
)
def test_dates_in_numbers_are_read_as_in_the_pages_region(lang, host, read):
    assert published(article("<p>By Ana Ro | 03/04/2025</p>"), lang=lang, host=host) == read


def test_what_is_declared_wins_over_what_is_shown():
    head = "<meta property=article:published_time content=2025-03-01T10:00:00+09:00>"
    assert published(article("<p>Posted on 4 March 2025</p>"), head) == "2025-03-01T10:00:00+09:00"


@pytest.mark.parametrize(
    ("declared", "line", "path", "read"),
    [
        ("2025-03-03T23:30:00Z", "", "2025/03/04/ferry", "2025-03-04T00:30:00+01:00"),
        ("2025-03-05T05:30:00Z", "", "2025/03/04/ferry", "2025-03-04T23:30:00-06:00"),
        ("2025-03-03T23:30:00Z", "<p>4 March 2025</p>", "ferry", "2025-03-04T00:30:00+01:00"),
        ("2025-03-03T23:30:00Z", "<p>6 March 2025</p>", "ferry", "2025-03-03T23:30:00+00:00"),
        ("2025-03-03T23:30:00+02:00", "<p>4 March 2025</p>", "ferry", "2025-03-03T23:30:00+02:00"),
    ],
)
def test_a_moment_in_utc_is_told_in_the_day_that_the_page_shows(declared, line, path, read):
    head = f"<meta property=article:published_time content={declared}>"
    assert published(article(line), head, path) == read


def test_a_part_before_a_control_character_leaves_the_search_alone():
    beside = "<aside class='related'>2 May 2020</aside>"
    tree = lxml.html.fromstring(f"<body>a&#x8;b{beside}c&#x1;d<p>e</p>f&#xffff;{beside}g</body>")
    drop_beside(tree)
    assert tree.text_content() == "a bc def g"


@pytest.mark.parametrize(
    "text",
    [
        "MEMBER SINCE 2019",
        "Üyelik: 2019",
        "ÜYELİK: 2019",
        "KAYIT 2019",
        "КОНТАКТ регистрация",
        "신청 마감",
        "Until May 3",
    ],
)
def test_what_names_a_date_of_others_is_known_in_letters_of_any_case(text):
    assert is_of_others(text)
    assert not is_of_others("Published in May 2019")

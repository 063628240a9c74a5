"""Shaping answers."""

from riverline.search import results


def raw(highlight=None, **source):
    texts = dict.fromkeys(("id", "url", "title", "summary", "site", "content_type", "locale", "source"), "")
    return {
        "_source": {**texts, "crawled_at": 1, **source},
        "_score": 1.5,
        "sort": [1.5, "id"],
        "highlight": highlight or {},
    }


def shaped(one):
    (hit,) = results.hits({"hits": {"hits": [one]}})
    return hit


def test_of_the_ways_a_title_was_read_the_one_that_marks_most_is_shown():
    marked = {"title.en": ["<mark>a</mark> b"], "title.ko": ["<mark>a</mark> <mark>b</mark>"]}
    assert shaped(raw(marked, title="a b")).title_html == "<mark>a</mark> <mark>b</mark>"


def test_the_parts_of_a_word_are_marked_as_one():
    parts = {"title.ko": ["국물<mark>떡</mark><mark>볶이</mark>와 <mark>순대</mark>"]}
    assert shaped(raw(parts)).title_html == "국물<mark>떡볶이</mark>와 <mark>순대</mark>"


def test_a_title_without_a_found_word_is_escaped():
    assert shaped(raw(title='a < b & "c"')).title_html == "a &lt; b &amp; &quot;c&quot;"


def test_the_body_is_shown_where_the_summary_holds_none_of_the_words():
    assert shaped(raw({"body.en": ["one <mark>x</mark>", "two <mark>x</mark>"]}, summary="s")).summary_html == (
        "one <mark>x</mark> … two <mark>x</mark>"
    )


def test_the_summary_is_shown_where_no_word_is_found_in_either():
    assert shaped(raw(summary="s & t")).summary_html == "s &amp; t"


def test_a_field_named_like_another_is_not_taken_for_it():
    assert shaped(raw({"titles": ["<mark>x</mark>"]}, title="t")).title_html == "t"

"""Posts as pages show them: links, folding, and the tags in a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from riverline_api.web.post_text import LONG, folded, linked, tags_of


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "see https://a.example/b?c=1.",
            'see <a href="https://a.example/b?c=1" rel="noopener nofollow ugc">https://a.example/b?c=1</a>.',
        ),
        (
            "(http://a.example/한강)",
            '(<a href="http://a.example/한강" rel="noopener nofollow ugc">http://a.example/한강</a>)',
        ),
        ("#한강 walk", '<a href="/?tag=%ED%95%9C%EA%B0%95">#한강</a> walk'),
        ("hi @mina!", 'hi <a href="/people?q=mina">@mina</a>!'),
        ("me@example.org #1 a#b /@x", "me@example.org #1 a#b /@x"),
        ("<b>&", "&lt;b&gt;&amp;"),
        (
            'https://a.example/"><script>',
            '<a href="https://a.example/" rel="noopener nofollow ugc">https://a.example/</a>&#34;&gt;&lt;script&gt;',
        ),
        ("javascript:alert(1)", "javascript:alert(1)"),
    ],
)
def test_addresses_tags_and_people_are_links_and_the_rest_is_text(text, shown):
    assert linked(text) == Markup(shown)


@given(st.text(max_size=300))
def test_whatever_is_written_is_shown_as_it_was(text):
    assert linked(text).striptags() == Markup.escape(text).striptags()


@given(st.text(max_size=2_000))
def test_what_is_folded_is_whole(text):
    beginning, rest = folded(text)
    assert beginning + rest == text
    assert bool(rest) is (len(text) > LONG)


def test_the_tags_of_a_text_are_found_once():
    assert tags_of("#한강 and #river, again #한강; not a#b nor #12") == ["한강", "river"]

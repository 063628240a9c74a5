"""Texts as they are compared and found."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverline.parsing.language.normalization import shown, visible


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        (unicodedata.normalize("NFD", "두꺼비바위 café"), "두꺼비바위 café"),
        ("Unter\xadnehmen", "Unternehmen"),
        ("word\u2060joiner\ufeff zero\u200bwidth", "wordjoiner zerowidth"),
        ("한강\u3164공원", "한강 공원"),
        ("left\u200eto\u202aright", "lefttoright"),
        ("e\u200b\u0301", "é"),
        ("fa\u200cst", "fast"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d🚀 1\ufe0f\u20e3", "👩\u200d🚀 1\ufe0f\u20e3"),
        ("🏴\U000e0067\U000e0062\U000e007f", "🏴\U000e0067\U000e0062\U000e007f"),
        ("bell\x07 and \x1bescape\x7f", "bell and escape"),
        ("page\x0cbreak\x1funit", "page break unit"),
        ("no\ufffe \uffffcharacter\ufdd0", "no character"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("hid\U000e0068\U000e0069den", "hidden"),
    ],
)
def test_characters_are_composed_and_those_that_nobody_sees_are_gone(written, seen):
    assert visible(written) == seen


@pytest.mark.parametrize(
    ("declared", "seen"),
    [
        ("Smith &amp; Sons won&#8217;t close", "Smith & Sons won’t close"),
        ("Smith &amp;amp; Sons", "Smith & Sons"),
        ('<p><span style="x">The town&rsquo;s harbour</span></p>', " The town’s harbour "),
        ("&lt;b&gt;Bold&lt;/b&gt; words", "Bold words"),
        ("one<br>two<br/>three", "one two three"),
        ("H<sub>2</sub>O", "H2O"),
        ("How to use <div> and a < b", "How to use <div> and a < b"),
        ("<p>는 어떤 태그인가", "<p>는 어떤 태그인가"),
        ("<p>The harbour was built long ago.", " The harbour was built long ago."),
        ('<p>The harbour <a href="http', " The harbour "),
        ("<script>track(1)</script><style>.a{b:c}</style>The harbour", "  The harbour"),
        ("<o:p></o:p>The <iframe src=x></iframe>harbour", "  The   harbour"),
        ("AT&T, R&D; a &notanentity; b", "AT&T, R&D; a &notanentity; b"),
    ],
)
def test_a_declaration_is_shown_without_entities_and_markup(declared, seen):
    assert shown(declared) == seen


@given(st.text(st.sampled_from("e\u0301\u1112\u1161\u11ab\xad\u200b\u200d\u3164한a \x08\x0c\ufffe")))
def test_twice_is_once_and_any_form_becomes_the_same(text):
    assert visible(visible(text)) == visible(text)
    assert visible(unicodedata.normalize("NFD", text)) == visible(text)

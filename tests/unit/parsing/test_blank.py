"""Texts that show nothing."""

import pytest

from riverline.parsing.language.blank import is_blank


@pytest.mark.parametrize(
    "text", ["", " \n\t", "\u200b", "\u3164", "\u2800", "\u17b4", "\ufeff", "\u115f\u1160 \u00ad", "\u2060\u200d\ufe0f"]
)
def test_what_shows_nothing_is_blank(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", ["a", "\u200b물", "👩\u200d🚀", "🇰🇷", ".", "\u3164x", "é"])
def test_what_shows_anything_is_not(text: str) -> None:
    assert not is_blank(text)

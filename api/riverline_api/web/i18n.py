"""The words of the pages, in Korean and English: `translations/en.toml` and `translations/ko.toml`, which have
the same names.

A page speaks the language that the reader chose, else the one that the reader's browser asks for.
"""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.dates import format_skeleton
from flask import request

LANGUAGES = ("en", "ko")
CHOICE = "riverline_language"  # the cookie
MINUTE, HOUR, DAY = 60, 3600, 86_400


@cache
def words(language: str) -> dict[str, str]:
    """All texts of a language, by `section.name`."""
    sections = tomllib.loads((Path(__file__).parent / "translations" / f"{language}.toml").read_text(encoding="utf-8"))
    return {f"{section}.{name}": text for section, texts in sections.items() for name, text in texts.items()}


def language() -> str:
    """The language of this request's page: en unless the reader prefers Korean."""
    chosen = request.cookies.get(CHOICE, "")
    return chosen if chosen in LANGUAGES else request.accept_languages.best_match(LANGUAGES, "en") or "en"


def translate(language: str, name: str, /, **values: object) -> str:
    """A text of the pages; a name that has none speaks for itself. `n` with a value of 1 takes `name_one`, if there."""
    known = words(language)
    text = known.get(f"{name}_one") if values.get("n") == 1 else None
    text = text or known.get(name) or name.rpartition(".")[2]
    shown = {key: f"{value:,}" if isinstance(value, int) else value for key, value in values.items()}
    return text.format(**shown) if shown else text


def day(language: str, at_ms: int | None) -> str:
    """A day in UTC, as it is written; empty where it is not known."""
    if at_ms is None:
        return ""
    at = datetime.fromtimestamp(at_ms / 1000, UTC)
    return f"{at.year}. {at.month}. {at.day}." if language == "ko" else f"{at.day} {at:%b %Y}"


def month(language: str, at_ms: int) -> str:
    """A month of UTC in words: November 2026."""
    return format_skeleton("yMMMM", datetime.fromtimestamp(at_ms / 1000, UTC), locale=language)


@cache
def language_name(language: str, locale: str) -> str:
    """A locale in words: Korean (South Korea). One that has no name speaks for itself."""
    if locale in ("", "und"):
        return translate(language, "search.und")
    try:
        return Locale.parse(locale, sep="-", resolve_likely_subtags=False).get_display_name(language) or locale
    except (UnknownLocaleError, ValueError):
        return locale


def ago(language: str, at_ms: int | None, now_ms: int) -> str:
    """How long ago that was; beyond a week, the day."""
    if at_ms is None:
        return ""
    seconds = max(0, now_ms - at_ms) // 1000
    if seconds < MINUTE:
        return translate(language, "time.now")
    if seconds >= 7 * DAY:
        return day(language, at_ms)
    for name, length in (("days", DAY), ("hours", HOUR), ("minutes", MINUTE)):
        if seconds >= length:
            return translate(language, f"time.{name}", n=seconds // length)
    return ""


def until(language: str, at_ms: int, now_ms: int) -> str:
    """How long until then: in 3 hours."""
    seconds = max(0, at_ms - now_ms) // 1000
    for name, length in (("in_days", DAY), ("in_hours", HOUR), ("in_minutes", MINUTE)):
        if seconds >= length:
            return translate(language, f"time.{name}", n=seconds // length)
    return translate(language, "time.soon")


def lasts(seconds: int) -> str:
    """A length as players show it: 4:05, 1:02:03."""
    minutes, rest = divmod(seconds, MINUTE)
    hours, minutes = divmod(minutes, MINUTE)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"

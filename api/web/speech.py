"""The words of the pages, in Korean and English: `words/en.toml` and `words/ko.toml`, which have the same names.

A page speaks the language that the reader chose, else the one that the reader's browser asks for.
"""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from flask import request

LANGUAGES = ("en", "ko")
CHOICE = "riverline_language"  # the cookie
MINUTE, HOUR, DAY = 60, 3600, 86_400


@cache
def words(language: str) -> dict[str, str]:
    """All texts of a language, by `section.name`."""
    sections = tomllib.loads((Path(__file__).parent / "words" / f"{language}.toml").read_text(encoding="utf-8"))
    return {f"{section}.{name}": text for section, texts in sections.items() for name, text in texts.items()}


def language() -> str:
    """The language of this request's page: en unless the reader prefers Korean."""
    chosen = request.cookies.get(CHOICE, "")
    return chosen if chosen in LANGUAGES else request.accept_languages.best_match(LANGUAGES, "en") or "en"


def says(language: str, name: str, /, **values: object) -> str:
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


def ago(language: str, at_ms: int | None, now_ms: int) -> str:
    """How long ago that was; beyond a week, the day."""
    if at_ms is None:
        return ""
    seconds = max(0, now_ms - at_ms) // 1000
    if seconds < MINUTE:
        return says(language, "time.now")
    if seconds >= 7 * DAY:
        return day(language, at_ms)
    for name, length in (("days", DAY), ("hours", HOUR), ("minutes", MINUTE)):
        if seconds >= length:
            return says(language, f"time.{name}", n=seconds // length)
    return ""


def lasts(seconds: int) -> str:
    """A length as players show it: 4:05, 1:02:03."""
    minutes, rest = divmod(seconds, MINUTE)
    hours, minutes = divmod(minutes, MINUTE)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"

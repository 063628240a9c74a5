"""Dates as pages write them, read into ISO 8601: `2025-03-04`, `2025-03-04T14:30:00` or with the offset that was given."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

EARLIEST = 1990  # the web's first pages; what claims to be older is a date in the story
SLACK_MS = 3_600_000  # clocks of servers differ, and a date without a zone may be hours off
KOREA = timedelta(hours=9)

ISO = re.compile(
    r"(?<!\d)((?:19|20)\d\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])(?!\d)"
    r"(?:[T ]\s?([01]?\d|2[0-3]):?([0-5]\d)(?::?([0-5]\d|60)(?:[.,]\d{1,9})?)?\s?(Z|UTC|GMT|KST|[+-][01]\d:?\d\d|[+-][01]\d)?)?",
    re.I,
)
CLOCK = r"(?:[\s,T.(]{0,4}(?:\w{1,9}[\s,)]{1,3})?(?:(오전|오후|AM|PM)\s?)?([01]?\d|2[0-3])\s?(?::|시)\s?([0-5]?\d)?(?:분|:([0-5]\d))?(?:\s?(AM|PM|a\.m\.|p\.m\.))?)?"
EAST_ASIAN = re.compile(
    r"(?<!\d)((?:19|20)\d\d)\s?[년年]\s?(1[0-2]|0?[1-9])\s?[월月]\s?(3[01]|[12]\d|0?[1-9])\s?[일日]" + CLOCK, re.I
)
DOTTED = re.compile(
    r"(?<![\d.])((?:19|20)\d\d)\s?[./-]\s?(1[0-2]|0?[1-9])\s?[./-]\s?(3[01]|[12]\d|0?[1-9])(?!\d)\.?" + CLOCK, re.I
)
DAY_FIRST = re.compile(r"(?<![\d.])(3[01]|[12]\d|0?[1-9])\s?[./-]\s?(1[0-2]|0?[1-9])\s?[./-]\s?((?:19|20)\d\d)(?!\d)")
AMERICAN = re.compile(r"(?<![\d./])(1[0-2]|0?[1-9])/(3[01]|[12]\d|0?[1-9])/((?:19|20)\d\d)(?!\d)")
MONTHS = (
    "jan feb mar apr may jun jul aug sep oct nov dec|januar februar märz april mai juni juli august september oktober november dezember|"
    "january february march april may june july august september october november december|jän feb mär apr mai jun jul aug sept okt nov dez|"
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre|"
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre|"
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre|"
    "jänner fév maart abr maj juin jul ago set out nov dic|januari februari maart april mei juni juli augustus september oktober november december|"
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro|"
    "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia|"
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря"
)
MONTH = {name: number for row in MONTHS.split("|") for number, name in enumerate(row.split(), 1)}
_NAMES = "|".join(sorted(MONTH, key=len, reverse=True))
NAMED = re.compile(
    rf"(?<!\d)(3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th|er|\.|º)?,?\s{{1,2}}(?:de\s|of\s)?({_NAMES})\.?,?\s{{1,2}}(?:de\s|del\s)?((?:19|20)\d\d)(?!\d)"
    rf"|\b({_NAMES})\.?\s{{1,2}}(3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?,?\s{{1,2}}((?:19|20)\d\d)(?!\d)",
    re.I,
)
IN_URL = re.compile(
    r"(?<!\d)((?:19|20)\d\d)[/_-]?(1[0-2]|0[1-9]|[1-9](?=[/_-]))[/_-]?(3[01]|[12]\d|0[1-9]|[1-9](?=\D))(?!\d)"
    r"|(?<!\d)(3[01]|[12]\d|0[1-9])([/_.-]?)(1[0-2]|0[1-9])\5(20\d\d)(?!\d)"
)
RFC_2822 = re.compile(r"^(?:\w{3},? )?\d{1,2} \w{3} \d{2,4} \d{1,2}:\d\d")


def iso(text: str) -> str:
    """The first date of a declaration or a short text, as ISO 8601; "" where there is none."""
    text = text.strip()[:200]
    if not text:
        return ""
    return _from_iso(text) or _from_mail(text) or _from_words(text)


def _from_iso(text: str) -> str:
    match = ISO.search(text)
    if not match or not _possible(match[1], match[2], match[3]):
        return ""
    day = f"{match[1]}-{match[2]}-{match[3]}"
    if not match[4]:
        return day
    second = "59" if match[6] == "60" else match[6] or "00"
    return f"{day}T{int(match[4]):02}:{match[5]}:{second}{_offset(match[7] or '')}"


def _offset(zone: str) -> str:
    """`+09:00` for what is written as Z, KST, +0900 or +09."""
    named = {"": "", "Z": "+00:00", "UTC": "+00:00", "GMT": "+00:00", "KST": "+09:00"}.get(zone.upper())
    if named is not None:
        return named
    digits = zone[1:].replace(":", "").ljust(4, "0")
    return f"{zone[0]}{digits[:2]}:{digits[2:]}"


def _from_mail(text: str) -> str:
    """RFC 2822, the form of RSS: `Tue, 04 Mar 2025 14:30:00 +0900`."""
    if not RFC_2822.match(text):
        return ""
    try:
        return parsedate_to_datetime(text).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""


def _from_words(text: str) -> str:
    for pattern in (EAST_ASIAN, DOTTED):
        if (match := pattern.search(text)) and _possible(match[1], match[2], match[3]):
            return _day(match[1], match[2], match[3]) + _clock(match)
    if (match := NAMED.search(text)) and (found := _named(match)):
        return found
    for pattern, order in ((DAY_FIRST, (3, 2, 1)), (AMERICAN, (3, 1, 2))):
        if (match := pattern.search(text)) and _possible(*(match[group] for group in order)):
            return _day(*(match[group] for group in order))
    return ""


def _named(match: re.Match[str]) -> str:
    day, month, year = (match[1], match[2], match[3]) if match[1] else (match[5], match[4], match[6])
    number = str(MONTH[month.lower()])
    return _day(year, number, day) if _possible(year, number, day) else ""


def _clock(match: re.Match[str]) -> str:
    """`T14:30:00` from the groups of CLOCK: half of the day before or after, hour, minute, second."""
    half, hour, minute, second, after = match.groups()[3:8]
    if not hour:
        return ""
    half = (half or after or "").lower()
    number = int(hour)
    if half in ("오후", "pm", "p.m.") and number < 12:
        number += 12
    elif half in ("오전", "am", "a.m.") and number == 12:
        number = 0
    return f"T{number:02}:{int(minute or 0):02}:{second or '00'}"


def in_url(url: str) -> str:
    """The date in a URL's path, "" where there is none."""
    path = url.partition("://")[2].partition("/")[2]
    for match in IN_URL.finditer(path[:500]):
        year, month, day = (match[1], match[2], match[3]) if match[1] else (match[7], match[6], match[4])
        if _possible(year, month, day):
            return _day(year, month, day)
    return ""


def _day(year: str, month: str, day: str) -> str:
    return f"{year}-{int(month):02}-{int(day):02}"


def _possible(year: str, month: str, day: str) -> bool:
    try:
        return date(int(year), int(month), int(day)).year >= EARLIEST
    except ValueError:
        return False


def milliseconds(written: str, now_ms: int, assumed: timedelta = timedelta()) -> int | None:
    """Milliseconds since 1970 in UTC of an ISO date; `assumed` is the offset where none was given.

    None for what is no date, what lies in the future (more than an hour after `now_ms`) and what is older than the web;
    a day without a clock that has only begun somewhere counts as `now_ms` at the latest.
    """
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone(assumed))
    if moment.year < EARLIEST:
        return None
    at = round((moment - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(milliseconds=1))
    return min(at, now_ms) if at <= now_ms + SLACK_MS else None

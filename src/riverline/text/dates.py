"""Dates as pages write them, read into ISO 8601: `2025-03-04`, `2025-03-04T14:30:00` or with the offset that was given.

Every pattern is linear in the length of the text: no repetition in it is open or nested.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

EARLIEST = 1990  # the web's first pages; what claims to be older is a date in the story
SLACK_MS = 3_600_000  # clocks of servers differ
LONGEST = 300  # characters that are looked at
KOREA = timedelta(hours=9)

YEAR, MONTH, DAY = r"((?:19|20)\d\d)", r"(1[0-2]|0?[1-9])", r"(3[01]|[12]\d|0?[1-9])"
ISO = re.compile(
    r"(?<!\d)(?<!\d-)((?:19|20)\d\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])(?!\d)"
    r"(?:[T ]\s?([01]?\d|2[0-3]):?([0-5]\d)(?::?([0-5]\d|60)(?:[.,]\d{1,9})?)?"
    r"\s?(Z|UTC|GMT|KST|[+-][01]\d:?\d\d|[+-][01]\d)?)?",
    re.I,
)
# A clock after a date: `오후 2:30`, `14시 30분`, `(화) 14:30`, `2:30 PM`.
CLOCK = (
    r"(?:[\s,T.(]{0,4}(?:(?!오전|오후|AM|PM)\w{1,9}[\s,)]{1,3})?(?:(오전|오후|AM|PM)\s?)?"
    r"([01]?\d|2[0-3])\s?(?::|시)\s?([0-5]?\d)?(?:분|:([0-5]\d))?(?:\s?(AM|PM|a\.m\.|p\.m\.))?)?"
)
EAST_ASIAN = re.compile(rf"(?<!\d){YEAR}\s?[년年]\s?{MONTH}\s?[월月]\s?{DAY}\s?[일日]{CLOCK}", re.I)
DOTTED = re.compile(rf"(?<![\d.]){YEAR}\s?[./-]\s?{MONTH}\s?[./-]\s?{DAY}(?!\d)\.?{CLOCK}", re.I)
DAY_FIRST = re.compile(rf"(?<![\d.]){DAY}\s?[./-]\s?{MONTH}\s?[./-]\s?{YEAR}(?!\d)")
AMERICAN = re.compile(rf"(?<![\d./]){MONTH}/{DAY}/{YEAR}(?!\d)")
MONTHS = (
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "january february march april may june july august september october november december",
    "januar februar märz april mai juni juli august september oktober november dezember",
    "jän feb mär apr mai jun jul aug sept okt nov dez",
    "jänner février mars avril mai juin juillet août septembre octobre novembre décembre",
    "janvier fév maart avr maj juin juil ago set out nov dic",
    "ene feb mar abr may jun jul ago sep oct nov dic",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "januari februari maart april mei juni juli augustus september oktober november december",
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
)
NUMBERS = {name: number for names in MONTHS for number, name in enumerate(names.split(), 1)}
_NAMES = "|".join(sorted(NUMBERS, key=len, reverse=True))
NAMED = re.compile(
    rf"(?<!\d){DAY}(?:st|nd|rd|th|er|\.|º)?,?\s{{1,2}}(?:de\s|of\s)?({_NAMES})\.?,?\s{{1,2}}(?:de\s|del\s)?{YEAR}(?!\d)"
    rf"|\b({_NAMES})\.?\s{{1,2}}{DAY}(?:st|nd|rd|th)?,?\s{{1,2}}{YEAR}(?!\d)",
    re.I,
)
IN_URL = re.compile(
    r"(?<!\d)((?:19|20)\d\d)[/_-]?(1[0-2]|0[1-9]|[1-9](?=[/_-]))[/_-]?(3[01]|[12]\d|0[1-9]|[1-9](?=\D))(?!\d)"
    r"|(?<!\d)(3[01]|[12]\d|0[1-9])([/_.-]?)(1[0-2]|0[1-9])\5(20\d\d)(?!\d)"
)
RFC_2822 = re.compile(r"^(?:\w{3},? )?\d{1,2} \w{3} \d{2,4} \d{1,2}:\d\d")
ZONES = {"": "", "Z": "+00:00", "UTC": "+00:00", "GMT": "+00:00", "KST": "+09:00"}
AFTERNOON, MORNING = ("오후", "pm", "p.m."), ("오전", "am", "a.m.")


def iso(text: str) -> str:
    """The first date of a declaration or a short text, as ISO 8601; "" where there is none."""
    text = text[:LONGEST].strip()
    return (_from_iso(text) or _from_mail(text) or _from_words(text)) if text else ""


def _from_iso(text: str) -> str:
    match = ISO.search(text)
    if not match or not (day := _day(match[1], match[2], match[3])):
        return ""
    if not match[4]:
        return day
    second = "59" if match[6] == "60" else match[6] or "00"
    return f"{day}T{int(match[4]):02}:{match[5]}:{second}{_offset(match[7] or '')}"


def _offset(zone: str) -> str:
    """`+09:00` for what is written as KST, +0900 or +09."""
    named = ZONES.get(zone.upper())
    if named is not None:
        return named
    digits = zone[1:].replace(":", "").ljust(4, "0")
    return f"{zone[0]}{digits[:2]}:{digits[2:]}" if digits < "1500" and digits[2:] < "60" else ""


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
        if (match := pattern.search(text)) and (day := _day(match[1], match[2], match[3])):
            return day + _clock(match)
    if (match := NAMED.search(text)) and (day := _named(match)):
        return day
    for pattern, day_group, month_group in ((DAY_FIRST, 1, 2), (AMERICAN, 2, 1)):
        if (match := pattern.search(text)) and (day := _day(match[3], match[month_group], match[day_group])):
            return day
    return ""


def _named(match: re.Match[str]) -> str:
    day, month, year = (match[1], match[2], match[3]) if match[1] else (match[5], match[4], match[6])
    return _day(year, str(NUMBERS[month.lower()]), day)


def _clock(match: re.Match[str]) -> str:
    """`T14:30:00` from the groups of CLOCK: half of the day before or after, hour, minute, second; "" without."""
    before, hour, minute, second, after = match.groups()[3:8]
    if not hour:
        return ""
    half, number = (before or after or "").lower(), int(hour)
    if half in AFTERNOON and number < 12:
        number += 12
    elif half in MORNING and number == 12:
        number = 0
    return f"T{number:02}:{int(minute or 0):02}:{second or '00'}"


def in_url(url: str) -> str:
    """The date in a URL's path, "" where there is none."""
    path = url.partition("://")[2].partition("/")[2]
    for match in IN_URL.finditer(path[:LONGEST]):
        if day := _day(match[1] or match[7], match[2] or match[6], match[3] or match[4]):
            return day
    return ""


def _day(year: str, month: str, day: str) -> str:
    """`2025-03-04`, "" for a day that no calendar has and for one before the web."""
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return ""
    return found.isoformat() if found.year >= EARLIEST else ""


def milliseconds(written: str, now_ms: int, assumed: timedelta = timedelta()) -> int | None:
    """Milliseconds since 1970 in UTC of an ISO date; `assumed` is the offset from UTC where none was given.

    None for what is no date, what is older than the web, and what lies in the future: more than an hour after `now_ms`.
    What is less ahead counts as `now_ms`.
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

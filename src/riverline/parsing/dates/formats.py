"""Dates as pages write them, read into ISO 8601: `2025-03-04`, `2025-03-04T14:30:00` or with the offset that was given.

Every pattern is linear in the length of the text: no repetition in it is open or nested.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

from riverline.parsing.dates.eras import of_era
from riverline.parsing.dates.jalali import of_jalali
from riverline.parsing.dates.month_names import THAI_ERA, is_thai, month

EARLIEST = 1990  # the web's first pages; what claims to be older is a date in the story
SLACK_MS = 3_600_000  # clocks of servers differ
LATEST_MS = 86_400_000  # a page cannot be from more than a day after it was fetched, whatever its zone
NO_LIMIT = 1 << 41  # milliseconds: the year 2039
LONGEST = 300  # characters that are looked at
KOREA = timedelta(hours=9)

FEW_DIGITS = re.compile(r"\D*+(?:\d\D*+){0,2}+\Z")
YEAR, MONTH, DAY = r"((?:19|20)\d\d)", r"(1[0-2]|0?[1-9])", r"(3[01]|[12]\d|0?[1-9])"
ISO = re.compile(
    r"(?<!\d)(?<!\d-)((?:19|20)\d\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])(?!\d)"
    r"(?:[T ]\s?([01]?\d|2[0-3]):?([0-5]\d)(?::?([0-5]\d|60)(?:[.,]\d{1,9})?)?"
    r"\s?(Z\b|[+-][01]\d:?\d\d|[+-][01]\d|(?-i:[A-Z]{2,5}\b))?)?",
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
AMERICAN = re.compile(rf"(?<![\d./]){MONTH}([/-]){DAY}\2{YEAR}(?!\d)")
NAMED_YEAR = r"((?:19|20|25)\d\d|(?<=['’-])\d\d)(?!\d)"  # `'25`, and the years of the Buddhist calendar
NAMED = re.compile(rf"(?<!\d){DAY}(?:st|nd|rd|th|er|º)?([^\d\n|:]{{3,32}}){NAMED_YEAR}")
MONTH_FIRST = re.compile(
    rf"([^\s\d.,:;|(/-]{{3,20}})\.?[\s-]{{1,2}}{DAY}(?:st|nd|rd|th)?(?:,?[\s-]{{1,2}}|,\s?['’]){NAMED_YEAR}"
)
YEAR_FIRST = re.compile(rf"(?<![\d.]){YEAR}\.?[\s-]{{1,2}}([^\d\n|:]{{2,25}}){DAY}(?!\d)")
YEAR_DAY = re.compile(rf"(?<![\d.]){YEAR}\.?\s(?:gada|жылғы|жылы|ж\.)\s{DAY}\.?\s([^\W\d]{{3,20}})")
VIETNAMESE = re.compile(rf"(?<!\d){DAY}\s(?:tháng|thg)\s?{MONTH},?\s(?:năm\s)?{YEAR}(?!\d)", re.I)
TWO_DIGITS = re.compile(r"(?<![\d:])(?<!\d[./-])(\d\d|\d(?=/))([./-])(\d\d|(?<=/)\d)\2(\d\d)(?![\d/:%-]|\.\d)")
IN_URL = re.compile(
    r"(?<!\d)((?:19|20)\d\d)[/_-]?(1[0-2]|0[1-9]|[1-9](?=[/_-]))[/_-]?(3[01]|[12]\d|0[1-9]|[1-9](?=\D))(?!\d)"
    r"|(?<!\d)(3[01]|[12]\d|0[1-9])([/_.-]?)(1[0-2]|0[1-9])\5(20\d\d)(?!\d)"
)
MAIL = re.compile(
    r"^(?:[^\W\d]{1,20}(?:\.?,?\s{1,3}|,))?(\d{1,2})[\s-]{1,2}([^\s\d-]{3,20}|1?\d월)[\s-]{1,2}(\d{4}|\d\d)[\s,]{1,2}"
    r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d|60))?\s?(?:(AM|PM)\b)?\s?\(?((?:UTC|GMT)?[+-]\d\d?(?::?\d\d)?|[A-Z]{1,5}\b)?"
)
# As C's asctime and `date` write it: `Tue Mar  4 14:30:00 KST 2025`.
UNIX = re.compile(
    r"^[^\W\d]{2,10},?\s([^\W\d]{3,10})\s{1,2}(\d{1,2})\s([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d|60))?\s"
    r"(?:([A-Z]{1,5}|[+-]\d{4})\s)?(\d{4})\b"
)
IN_PATH = re.compile(r"/((?:19|20)\d\d)/(1[0-2]|0?[1-9])/(3[01]|[12]\d|0?[1-9])(?=/|$)")
ZONES = {"": ""} | {
    name: offset
    for offset, names in {
        "-10:00": "HST", "-09:00": "AKST", "-08:00": "PST AKDT", "-07:00": "PDT MST", "-06:00": "MDT CST",
        "-05:00": "CDT EST", "-04:00": "EDT AST", "-03:00": "ADT BRT ART", "+00:00": "Z UT UTC GMT WET",
        "+01:00": "BST WEST CET MEZ", "+02:00": "CEST MESZ EET SAST", "+03:00": "EEST MSK", "+05:00": "PKT",
        "+05:30": "IST", "+07:00": "WIB ICT", "+08:00": "HKT SGT PHT AWST", "+09:00": "KST JST", "+10:00": "AEST",
        "+11:00": "AEDT", "+12:00": "NZST", "+13:00": "NZDT",
    }.items()
    for name in names.split()
}  # fmt: skip
MONTH_FIRST_REGIONS = frozenset(("US", "PR", "GU", "VI", "AS", "MP", "PH", "PW", "FM", "MH"))
YEAR_FIRST_LANGUAGES = frozenset(("ko", "ja", "zh", "hu", "lt"))
AFTERNOON, MORNING = ("오후", "pm", "p.m."), ("오전", "am", "a.m.")


@dataclass(frozen=True, slots=True)
class DateReading:
    """How a page writes dates: the order of a date in numbers alone, and the language of its words."""

    month_first: bool = False
    year_first: bool = False
    language: str = ""
    region: str = ""

    @classmethod
    def of(cls, language: str, region: str) -> DateReading:
        """As the page's language (ISO 639) and region (ISO 3166) have it; "" for what is not known."""
        return cls(region in MONTH_FIRST_REGIONS, language in YEAR_FIRST_LANGUAGES, language, region)


UNKNOWN = DateReading()


def iso(text: str, reading: DateReading = UNKNOWN) -> str:
    """The first date of a declaration or a short text, as ISO 8601; "" where there is none."""
    text = text[:LONGEST].strip()
    if not text.isascii():
        text = "".join(str(unicodedata.decimal(letter, letter)) for letter in text)  # digits of other scripts
    if not may_be_date(text):
        return ""
    if (reading.language == "fa" or not text.isascii()) and (found := of_jalali(text, reading.language)):
        return found
    if reading.language in ("zh", "ja", "th") and (day := of_era(text, reading.language, reading.region)):
        return _day(*day)
    return _from_iso(text) or _from_mail(text, reading) or _from_words(text, reading)


def may_be_date(text: str) -> bool:
    """Whether a text has digits enough for a day and a year: most have not, and need not be searched."""
    return FEW_DIGITS.match(text) is None


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
    if zone[0] not in "+-":
        return ""
    digits = zone[1:].replace(":", "")
    digits = digits.zfill(len(digits) + len(digits) % 2).ljust(4, "0")
    return f"{zone[0]}{digits[:2]}:{digits[2:]}" if digits < "1500" and digits[2:] < "60" else ""


def _from_mail(text: str, reading: DateReading) -> str:
    """RFC 822 and 2822, the forms of RSS, with names of days and months in any language: `Tue, 04 Mar 25 14:30 EST`."""
    match = MAIL.match(text)
    if not match:
        return _from_unix(text, reading)
    named = match[2].removesuffix("월")
    day = _day(_year(match[3]), str(int(named) if named.isdigit() else month(named, reading.language)), match[1])
    hour = int(match[4]) % 12 + (12 if match[7] == "PM" else 0) if match[7] else int(match[4])
    second = "59" if match[6] == "60" else match[6] or "00"
    zone = match[8] or ""
    return day and f"{day}T{hour:02}:{match[5]}:{second}{_offset(zone[3:] if zone[3:4] in ('+', '-') else zone)}"


def _from_unix(text: str, reading: DateReading) -> str:
    match = UNIX.match(text)
    if not match or not (day := _day(match[7], str(month(match[1], reading.language)), match[2])):
        return ""
    second = "59" if match[5] == "60" else match[5] or "00"
    return f"{day}T{int(match[3]):02}:{match[4]}:{second}{_offset(match[6] or '')}"


def _year(written: str) -> str:
    """`2025` for `25`, `1995` for `95`."""
    return written if len(written) > 2 else f"{20 if int(written) < 70 else 19}{written}"


def _from_words(text: str, reading: DateReading) -> str:
    for pattern in (EAST_ASIAN, DOTTED):
        if (match := pattern.search(text)) and (day := _day(match[1], match[2], match[3])):
            return day + _clock(match)
    return _named(text, reading) or _numeric(text, reading)


def _named(text: str, reading: DateReading) -> str:
    """A date whose month is a name: the first that no other word stands in."""
    if match := VIETNAMESE.search(text):
        return _day(match[3], match[2], match[1])
    for pattern, day_group, name_group, year_group in (
        (NAMED, 1, 2, 3),
        (MONTH_FIRST, 2, 1, 3),
        (YEAR_FIRST, 3, 2, 1),
        (YEAR_DAY, 2, 3, 1),
    ):
        for match in pattern.finditer(text):
            name, year = match[name_group], _year(match[year_group])
            if not (number := month(name, reading.language)):
                continue
            if year > "2499":
                year = str(int(year) - THAI_ERA) if is_thai(name) else "0"
            if day := _day(year, str(number), match[day_group]):
                return day
    return ""


def _numeric(text: str, reading: DateReading) -> str:
    orders = ((DAY_FIRST, 1, 2, 3), (AMERICAN, 3, 1, 4))
    for pattern, *groups in reversed(orders) if reading.month_first else orders:
        day_group, month_group, year_group = groups
        if (match := pattern.search(text)) and (day := _day(match[year_group], match[month_group], match[day_group])):
            return day
    match = TWO_DIGITS.search(text)
    if not match:
        return ""
    one, other, last = match[1], match[3], match[4]
    if reading.year_first:
        return _day(_year(one), other, last)
    if reading.month_first and match[2] != ".":
        one, other = other, one
    return _day(_year(last), other, one)


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


def in_path(url: str) -> str:
    """The date whose year, month and day are parts of a URL's path; "" without one."""
    match = IN_PATH.search(url[: 2 * LONGEST].partition("?")[0])
    return _day(match[1], match[2], match[3]) if match else ""


def in_url(url: str) -> str:
    """A number in a URL's path that reads as a date, "" where there is none. It may be any number."""
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

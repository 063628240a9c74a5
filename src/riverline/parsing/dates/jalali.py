"""Dates of the Persian calendar, in which the year 1403 ended on 20 March 2025."""

from __future__ import annotations

import re
from datetime import date, timedelta

MONTHS = ("فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند")
CLOCK = r"(?:\D{1,12}([01]?\d|2[0-3]):([0-5]\d))?"
NUMBERS = re.compile(rf"(?<!\d)(1[34]\d\d)([/.-])(1[0-2]|0?[1-9])\2(3[01]|[12]\d|0?[1-9])(?!\d){CLOCK}")
NAMED = re.compile(
    rf"(?<!\d)(3[01]|[12]\d|0?[1-9])\s(?:ام\s|م\s)?({'|'.join(MONTHS)})(?:\s?ماه)?،?\s(1[34]\d\d)(?!\d){CLOCK}"
)
EPOCH, FIRST_YEAR = date(1600, 3, 20), 979  # the first day of that year
CYCLE, LEAPS = 33, 8  # years, and the leap years among them: right for the years 1178 to 1633


def of_jalali(text: str, language: str) -> str:
    """The first Persian date of a text in digits of ASCII, as ISO 8601; "" where there is none. Numbers alone are read
    on Persian pages only."""
    if match := NAMED.search(text):
        day, name, year, hour, minute = match.groups()
        return _iso(int(year), MONTHS.index(name) + 1, int(day), hour, minute)
    if language == "fa" and (match := NUMBERS.search(text)):
        year, _, month, day, hour, minute = match.groups()
        return _iso(int(year), int(month), int(day), hour, minute)
    return ""


def _iso(year: int, month: int, day: int, hour: str | None, minute: str | None) -> str:
    if day > (31 if month < 7 else 30):
        return ""
    years = year - FIRST_YEAR
    before = 365 * years + years // CYCLE * LEAPS + (years % CYCLE + 3) // 4
    passed = 31 * (month - 1) if month < 7 else 186 + 30 * (month - 7)
    found = (EPOCH + timedelta(before + passed + day - 1)).isoformat()
    return f"{found}T{int(hour):02}:{minute}:00" if hour else found

"""Dates whose years are counted from elsewhere than our era: Japan's emperors, the Republic of China, the Buddha."""

from __future__ import annotations

import re

BEGINNINGS = {"令和": 2018, "平成": 1988, "昭和": 1925, "民國": 1911, "民国": 1911}  # the years before their first
MONTH, DAY = r"(1[0-2]|0?[1-9])", r"(3[01]|[12]\d|0?[1-9])"
NAMED = re.compile(rf"({'|'.join(BEGINNINGS)})\s?(\d{{1,3}})\s?年\s?{MONTH}\s?月\s?{DAY}\s?日")
OF_TAIWAN = re.compile(rf"(?<![\d./-])(1[01]\d)([./-]){MONTH}\2{DAY}(?![\d./-])")
OF_THAILAND = re.compile(rf"(?<![\d./-]){DAY}([./-]){MONTH}\2(25[3-9]\d)(?!\d)")
BUDDHIST = 543  # years ahead of ours


def of_era(text: str, language: str, region: str) -> tuple[str, str, str] | None:
    """Year, month and day of the first such date of a text; numbers alone are read on pages of Taiwan and in Thai."""
    if match := NAMED.search(text):
        return str(BEGINNINGS[match[1]] + int(match[2])), match[3], match[4]
    if language == "zh" and region == "TW" and (match := OF_TAIWAN.search(text)):
        return str(BEGINNINGS["民國"] + int(match[1])), match[3], match[4]
    if language == "th" and (match := OF_THAILAND.search(text)):
        return str(int(match[4]) - BUDDHIST), match[3], match[1]
    return None

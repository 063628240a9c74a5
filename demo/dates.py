"""Dates as sites write them."""

from datetime import UTC, datetime
from email.utils import format_datetime

# Not calendar.month_name, which follows the machine's locale.
MONTHS = ["January", "February", "March", "April", "May", "June", "July"]
MONTHS += ["August", "September", "October", "November", "December"]


def visible(moment: datetime, style: str, clock: bool) -> str:
    """A moment as a reader sees it. Styles: korean, dotted, english, british; the time of day only where `clock`."""
    day = {
        "korean": f"{moment.year}년 {moment.month}월 {moment.day}일",
        "dotted": f"{moment:%Y.%m.%d}",
        "english": f"{MONTHS[moment.month - 1]} {moment.day}, {moment.year}",
        "british": f"{moment.day} {MONTHS[moment.month - 1][:3]} {moment.year}",
    }[style]
    return f"{day} {moment:%H:%M}" if clock else day


def http(moment: datetime) -> str:
    """A moment as an HTTP date (RFC 9110, section 5.6.7), which feeds use too."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)

"""Plain text: the first line is the title where it reads like one."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from riverline.errors import Invalid
from riverline.model import Page, Parsed
from riverline.parsing.charset.decoding import decoded
from riverline.parsing.dates.formats import iso
from riverline.parsing.html.metadata import clean
from riverline.parsing.limits import MAX_TEXT, MAX_TITLE

LONGEST_HEADING = 120  # characters
OPENING = 300  # characters in which a text's own date is looked for
BINARY = 0.1  # share of control and unreadable characters above which it is no text


def parse_plain(page: Page) -> Parsed:
    """A plain text. Raises Invalid for data that is no text."""
    text = decoded(page.body, page.charset)[:MAX_TEXT].strip()
    sample = text[:10_000]
    strange = sum(letter == "\ufffd" or (letter < " " and letter not in "\t\n\r\f") for letter in sample)
    if not text or strange > BINARY * len(sample):
        raise Invalid("the body is not text", reason="no_text")
    return Parsed(
        url=page.key or page.url, title=title_of(text, page.url), text=text, kind="text", published=iso(text[:OPENING])
    )


def title_of(text: str, url: str) -> str:
    """The first line that is short enough for a heading, else the name of the file."""
    first = text.lstrip().partition("\n")[0].strip(" #=*-\t\r")
    return clean(first, MAX_TITLE) if 0 < len(first) <= LONGEST_HEADING else file_name(url)


def file_name(url: str) -> str:
    """`annual-report.pdf` for the last part of a URL's path."""
    return clean(unquote(urlsplit(url).path.rstrip("/").rpartition("/")[2]), MAX_TITLE)

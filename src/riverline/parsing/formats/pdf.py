"""PDF files: their text and the document's own information."""

from __future__ import annotations

import io
import logging
from time import monotonic
from typing import TYPE_CHECKING

from riverline.errors import Invalid
from riverline.model import Page, Parsed
from riverline.parsing.dates.formats import iso
from riverline.parsing.formats.text_file import OPENING, title_of
from riverline.parsing.html.metadata import clean, distinct
from riverline.parsing.limits import MAX_SUMMARY, MAX_TEXT, MAX_TITLE

if TYPE_CHECKING:
    from pypdf import PdfReader

MAX_PAGES = 200
SECONDS = 3.0  # after these no further page is read; what has been read is kept


def parse_pdf(page: Page) -> Parsed:
    """A PDF's text and information. Raises Invalid for a file that is broken, locked or without text."""
    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what it reports of broken files is in Invalid
    try:
        reader = PdfReader(io.BytesIO(page.body))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Invalid("the PDF is protected by a password", reason="locked_pdf")
        text = _text(reader)
        title, author, subject, keywords, made, changed = _information(reader)
    except Invalid:
        raise
    except Exception as error:  # pypdf raises whatever a broken file leads to: KeyError, RecursionError, zlib.error
        raise Invalid(f"the PDF cannot be read: {type(error).__name__}: {error}", reason="broken_pdf") from error
    if not text.strip():
        raise Invalid("the PDF holds no text", reason="no_text")
    return Parsed(
        url=page.key or page.url,
        title=clean(title, MAX_TITLE) or title_of(text, page.url),
        summary=clean(subject, MAX_SUMMARY),
        text=text[:MAX_TEXT],
        kind="pdf",
        author=clean(author, 80),
        published=made or iso(text[:OPENING]),
        modified=changed,
        tags=tuple(distinct(keywords.replace(";", ",").split(","))),
    )


def _text(reader: PdfReader) -> str:
    parts: list[str] = []
    length, until = 0, monotonic() + SECONDS
    for number, page in enumerate(reader.pages):
        if number >= MAX_PAGES or length >= MAX_TEXT or monotonic() > until:
            break
        parts.append(page.extract_text())
        length += len(parts[-1])
    return "\n".join(parts).replace("\x00", "")


def _information(reader: PdfReader) -> tuple[str, str, str, str, str, str]:
    """Title, author, subject, keywords, creation and change date of the information dictionary."""
    information = reader.metadata
    if not information:
        return ("",) * 6
    texts = (information.title, information.author, information.subject, information.keywords)
    made, changed = (_date(str(information.get(name) or "")) for name in ("/CreationDate", "/ModDate"))
    return (*((text or "").replace("\x00", "") for text in texts), made, changed)  # type: ignore[return-value]


def _date(written: str) -> str:
    """`D:20250304143000+09'00'` (ISO 32000, 7.9.4) as ISO 8601."""
    digits = written.removeprefix("D:")
    zone = digits[14:].replace("'", ":").strip(":")
    if len(digits) < 14 or not digits[:14].isdigit():
        return iso(f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}")
    return iso(f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}T{digits[8:10]}:{digits[10:12]}:{digits[12:14]}{zone}")

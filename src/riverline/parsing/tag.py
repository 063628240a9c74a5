"""From what a page says to the document that is indexed: dates, language, locale, tags and summary concluded."""

from __future__ import annotations

import re
from datetime import timedelta

from riverline.model import Document, Page, Parsed
from riverline.parsing.dates.formats import KOREA, in_url, milliseconds
from riverline.parsing.fingerprint import page_digest, text_digest
from riverline.parsing.html.metadata import clean, distinct
from riverline.parsing.keyphrases import keyphrases
from riverline.parsing.language.detection import language, locale
from riverline.parsing.language.regions import region_of_host
from riverline.parsing.limits import MAX_SUMMARY, MAX_TAGS_KEPT
from riverline.parsing.url import host_of

SENTENCE = re.compile(r"(?<=[.!?。？！])\s+|\n+")
SUMMARY = 200  # characters that a summary made from the text has at least, where the text is that long
KEYED = frozenset(("article", "text", "pdf", "video"))  # kinds whose text is about one thing


def tag(parsed: Parsed, page: Page, now_ms: int) -> Document:
    """The document of a page. `now_ms` bounds every date: nothing is published in the future."""
    spoken = language(f"{parsed.title}\n{parsed.text}", parsed.language)
    # A template's `en-US` around a Korean text says nothing of where that is read.
    region = (parsed.region if parsed.language in ("", spoken) else "") or region_of_host(page.url)
    assumed = KOREA if spoken in ("ko", "ja") or region in ("KR", "JP") else timedelta()
    created = next(
        (
            at
            for date in (parsed.published, in_url(parsed.url))
            if date and (at := milliseconds(date, now_ms, assumed)) is not None
        ),
        None,
    )
    updated = milliseconds(parsed.modified, now_ms, assumed) if parsed.modified else None
    if updated is not None and created is not None and updated < created:
        updated = None
    return Document(
        url=parsed.url,
        site=host_of(parsed.url).removeprefix("www."),
        title=parsed.title or clean(parsed.text, 100),
        summary=parsed.summary or summary(parsed.text),
        body=parsed.text,
        content_type=parsed.kind,
        crawled_at=page.fetched_at,
        created_at=created,
        updated_at=updated,
        locale=locale(spoken, region),
        tags=_tags(parsed, spoken),
        site_name=parsed.site_name,
        author=parsed.author,
        image=parsed.image,
        seconds=parsed.seconds,
        views=parsed.views,
        text_digest=text_digest(parsed.text) if parsed.text else "",
        page_digest=page_digest(page.key or page.url, page.body) if page.body else "",
    )


def summary(text: str) -> str:
    """The first sentences of a text, whole ones, until there are enough."""
    taken: list[str] = []
    for sentence in SENTENCE.split(text[: 4 * MAX_SUMMARY]):
        taken.append(sentence.strip())
        if sum(map(len, taken)) >= SUMMARY:
            break
    return clean(" ".join(taken), MAX_SUMMARY)


def _tags(parsed: Parsed, spoken: str) -> tuple[str, ...]:
    """The declared tags; key phrases of the text where the page declares none."""
    if parsed.tags or parsed.kind not in KEYED:
        return tuple(distinct(list(parsed.tags)))[:MAX_TAGS_KEPT]
    return tuple(keyphrases(parsed.title, parsed.text, spoken))

"""Adds what follows from a parsed page: dates, locale, tags, content type."""

from __future__ import annotations

import time
from dataclasses import replace

from streamparse import Stream, Tuple

from bolts.base import FATE, ContentBolt
from riverline.model import Fate, Parsed
from riverline.parsing.limits import deadline
from riverline.parsing.near_duplicates import signature
from riverline.parsing.tag import tag
from riverline.pipeline.envelope import Envelope
from riverline.pipeline.offset_tracker import STALE_SHARE
from riverline.pipeline.text_holders import UNGROUPED


class TagBolt(ContentBolt):
    """Parsed to Document, with the fate it will have once it is written."""

    stage = "tag"
    patience = 1.5 * STALE_SHARE  # the page was parsed for it
    outputs = [Stream(fields=["document", "fate", "text_digest"]), FATE]

    def step(self, delivery: Envelope, tup: Tuple) -> None:
        _, parsed = tup.values
        page = delivery.headers
        with deadline():
            tagged = tag(Parsed.unpacked(parsed), page, time.time_ns() // 1_000_000)
        signed = signature(tagged.body) if tagged.content_type not in UNGROUPED else ""
        document = replace(tagged, page_digest=delivery.digest, origin=delivery.origin, signature=signed)
        of = document.url if document.url != page.key else ""
        tried, at = delivery.attempt, delivery.at
        fate = Fate(delivery.origin, "indexed", page.key, of=of, attempts=tried, at=at, fetched_at=page.fetched_at)
        self.emit([document.packed(), fate.packed(), document.text_digest])

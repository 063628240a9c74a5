"""Adds what is concluded: dates, locale, tags, content type."""

from __future__ import annotations

import time
from dataclasses import replace

from streamparse import Stream, Tuple

from bolts.base import FATE, ContentBolt
from riverline.content.indexing import UNGROUPED
from riverline.model import Delivery, Fate, Parsed
from riverline.text.limits import deadline
from riverline.text.near import signature
from riverline.text.tag import tag


class TagBolt(ContentBolt):
    """Parsed to Document, with the fate it will have once it is written."""

    stage = "tag"
    outputs = [Stream(fields=["document", "fate", "text_digest"]), FATE]

    def step(self, delivery: Delivery, tup: Tuple) -> None:
        _, parsed, digest = tup.values
        page = delivery.page
        with deadline():
            tagged = tag(Parsed.unpacked(parsed), page, time.time_ns() // 1_000_000)
        signed = signature(tagged.body) if tagged.content_type not in UNGROUPED else ""
        document = replace(tagged, page_digest=digest, origin=delivery.origin, signature=signed)
        of = document.url if document.url != page.key else ""
        fate = Fate(delivery.origin, "indexed", page.key, of=of, attempts=delivery.attempt, at=delivery.at)
        self.emit([document.packed(), fate.packed(), document.text_digest])

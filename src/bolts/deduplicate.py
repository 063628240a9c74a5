"""Ends the way of pages that have not changed since they were indexed, and of those that are not to be indexed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from streamparse import Stream, Tuple

from bolts.base import FATE, ContentBolt
from bolts.calling import call
from riverline.assembly import assemble
from riverline.content.admission import refusal
from riverline.content.deduplicate import Deduplicator, remember, watch_filter
from riverline.model import Delivery
from riverline.text.fingerprint import page_digest


class DeduplicateBolt(ContentBolt):
    """A page that the index holds, byte for byte, is a duplicate. The same URL always comes to the same task."""

    stage = "deduplicate"
    outputs = [Stream(fields=["delivery", "digest"], direct=True), FATE]

    def prepare(self, task: int) -> None:
        services = assemble(self.settings)
        seen = services.seen(f"pages-{task}")
        self.deduplicator = Deduplicator(seen, services.index, self.telemetry)
        watch_filter(self.telemetry, seen)
        if seen.fresh:
            count = remember(seen, services.index.page_digests())
            self.logger.info("a new filter of seen pages, filled with %d that the index holds", count)

    def follow(self, context: Mapping[str, Any]) -> None:
        self.parsers = call("parse", context, self.settings)

    def step(self, delivery: Delivery, tup: Tuple) -> None:
        page = delivery.page
        if reason := refusal(page):
            return self.end(delivery, "filtered", reason)
        digest = page_digest(page.key, page.body)
        if not page.replay_of and self.deduplicator.unchanged(page.key, digest, delivery.origin):
            return self.end(delivery, "duplicate", "unchanged")
        self.emit([tup.values[0], digest], direct_task=self.parsers.next())
        return None

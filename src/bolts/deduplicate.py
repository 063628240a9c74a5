"""Ends pages that have not changed since they were indexed, and pages that are filtered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from streamparse import Stream, Tuple

from bolts.base import FATE, ContentBolt
from bolts.place import Place
from bolts.task_selection import working_tasks
from riverline.pipeline.deduplicate import Deduplicator, Filling, watch_filter
from riverline.pipeline.envelope import Envelope
from riverline.pipeline.filters import refusal
from riverline.services import assemble


class DeduplicateBolt(ContentBolt):
    """A page that the index holds, byte for byte, is a duplicate. The same URL always comes to the same task."""

    stage = "deduplicate"
    outputs = [Stream(fields=["delivery"], direct=True), FATE]

    def prepare(self, place: Place) -> None:
        services = assemble(self.settings)
        seen = services.seen_pages(place.index, place.count)
        self.filling = Filling(seen, services.index)
        self.deduplicator = Deduplicator(seen, services.index, self.telemetry)
        watch_filter(self.telemetry, seen)
        self.serializer.idle = self.when_idle

    def follow(self, context: Mapping[str, Any]) -> None:
        self.parsers = working_tasks("parse", context, self.settings, self.redis)

    def when_idle(self) -> bool:
        """Goes on with the filter; says whether something is missing from it still."""
        self.filling.go_on(idle=True)
        return not self.filling.done

    def step(self, delivery: Envelope, tup: Tuple) -> None:
        self.filling.go_on()
        if delivery.redelivered and self.deduplicator.settled(delivery):
            return None
        page = delivery.headers
        if reason := refusal(page, delivery.body):
            self.deduplicator.passes(page.key)
            return self.end(delivery, "filtered", reason)
        if page.replay_of:
            self.deduplicator.passes(page.key, delivery.digest)
        elif self.deduplicator.unchanged(page.key, delivery.digest, delivery.origin):
            return self.end(delivery, "duplicate", "unchanged")
        self.emit([tup.values[0]], direct_task=self.parsers.next())
        return None

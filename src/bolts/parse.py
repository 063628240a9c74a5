"""Parses a page: its title, main text, author, dates, language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from streamparse import Stream, Tuple

from bolts.base import FATE, ContentBolt
from bolts.place import Place
from bolts.task_selection import working_tasks
from riverline.parsing.limits import FATAL_SECONDS, deadline
from riverline.parsing.parse import parse
from riverline.pipeline.crash_guard import CrashGuard
from riverline.pipeline.envelope import Envelope

NOT_SEARCHABLE = {"sitemap"}  # they list pages, they are none


class ParseBolt(ContentBolt):
    """Page to Parsed. The body is unpacked here and ends here: what goes on is the text, and the page's headers."""

    stage = "parse"
    outputs = [Stream(fields=["delivery", "parsed"], direct=True), FATE]

    def prepare(self, place: Place) -> None:
        self.guard = CrashGuard(self.settings.state / "suspects" / f"parse-{place.index}")

    def follow(self, context: Mapping[str, Any]) -> None:
        self.taggers = working_tasks("tag", context, self.settings, self.redis)

    def step(self, delivery: Envelope, tup: Tuple) -> None:
        if not self.guard.begin(delivery.origin):
            return self.end(delivery, "dead", "crashed", "the page crashed the parser's process repeatedly")
        try:
            with deadline(fatal=FATAL_SECONDS):
                parsed = parse(delivery.page)
        finally:
            self.guard.end()
        if parsed.noindex:
            return self.end(delivery, "filtered", "noindex")
        if parsed.kind in NOT_SEARCHABLE:
            return self.end(delivery, "filtered", parsed.kind)
        self.emit([delivery.without_body().packed(), parsed.packed()], direct_task=self.taggers.next())
        return None

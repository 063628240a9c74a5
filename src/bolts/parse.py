"""Finds what a page says: its title, main text, author, dates, links, language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from streamparse import Stream, Tuple

from bolts.base import FATE, ContentBolt
from bolts.calling import call
from riverline.content.suspect import Suspect
from riverline.model import Delivery
from riverline.text.limits import deadline
from riverline.text.parse import parse

NOT_SEARCHABLE = {"sitemap"}  # they list pages, they are none


class ParseBolt(ContentBolt):
    """Page to Parsed. The body ends here: what goes on is the text, and the page's headers."""

    stage = "parse"
    outputs = [Stream(fields=["delivery", "parsed", "digest"], direct=True), FATE]

    def prepare(self, task: int) -> None:
        self.suspect = Suspect(self.settings.state / "suspects" / f"parse-{task}")

    def follow(self, context: Mapping[str, Any]) -> None:
        self.taggers = call("tag", context, self.settings)

    def step(self, delivery: Delivery, tup: Tuple) -> None:
        page = delivery.page
        if not self.suspect.begin(delivery.origin):
            return self.end(delivery, "dead", "crashed", "the page took the parser's process down again and again")
        try:
            with deadline():
                parsed = parse(page)
        finally:
            self.suspect.end()
        if parsed.noindex:
            return self.end(delivery, "filtered", "noindex")
        if parsed.kind in NOT_SEARCHABLE:
            return self.end(delivery, "filtered", parsed.kind)
        out = [delivery.without_body(page).packed(), parsed.packed(), tup.values[1]]
        self.emit(out, direct_task=self.taggers.next())
        return None

"""Writes documents and fates in bulks, and acknowledges what was written."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from streamparse import Bolt, Tuple

import bolts.multilang  # noqa: F401  first of all: it keeps prints away from the protocol
from bolts.reporting import report
from riverline.assembly import assemble
from riverline.content.deduplicate import remember, watch_filter
from riverline.content.indexing import Indexer, Limits
from riverline.errors import Transient
from riverline.model import Document, Fate
from riverline.settings import Settings
from riverline.telemetry import Stage


class IndexBolt(Bolt):
    """The end of every way. It never fails a tuple: while the index is away it holds what it has, and Storm's back
    pressure holds the rest."""

    auto_ack = False
    auto_fail = False

    def initialize(self, conf: Mapping[str, Any], context: Mapping[str, Any]) -> None:
        settings = Settings.from_storm(conf)
        services = assemble(settings)
        limits = Limits(settings.topology.bulk_count, settings.topology.bulk_bytes, settings.topology.bulk_seconds)
        seen = services.seen(f"texts-{context['taskid']}")
        telemetry = Stage("index", int(context["taskid"]))
        self.indexer = Indexer(services.index, services.log, seen, limits, time.monotonic, services.now_ms, telemetry)
        watch_filter(telemetry, seen)
        if seen.fresh:
            remember(seen, services.index.text_digests())
        self.serializer.idle = self.when_idle
        report(telemetry, settings)

    def process(self, tup: Tuple) -> None:
        if tup.stream == "fate":
            self.indexer.add(tup.id, Fate.unpacked(tup.values[0]))
        else:
            document, fate, _ = tup.values
            self.indexer.add(tup.id, Fate.unpacked(fate), Document.unpacked(document))
        self.flush(idle=False)

    def when_idle(self) -> None:
        self.flush(idle=True)

    def flush(self, idle: bool) -> None:
        if not self.indexer.due(idle):
            return
        try:
            for handle in self.indexer.flush():
                self.ack(handle)
        except Transient as error:
            self.logger.warning("%d records wait: %s", len(self.indexer), error)

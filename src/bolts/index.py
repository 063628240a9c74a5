"""Writes documents and fates in bulks, and acknowledges what was written."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from streamparse import Bolt, Tuple

import bolts.multilang  # noqa: F401  first of all: it keeps prints away from the protocol
from bolts.errors import TellsErrors
from bolts.reporting import report
from riverline import logs
from riverline.errors import Fatal, Transient
from riverline.model import Document, Fate
from riverline.pipeline.indexing import BulkLimits, Indexer
from riverline.services import assemble
from riverline.settings import Settings
from riverline.telemetry import Stage


class IndexBolt(TellsErrors, Bolt):
    """The end of every way. It never fails a tuple: while the index is away it holds what it has, and Storm's back
    pressure holds the rest."""

    auto_ack = False
    auto_fail = False

    def initialize(self, conf: Mapping[str, Any], context: Mapping[str, Any]) -> None:
        logs.configure_worker()
        settings = Settings.from_storm(conf)
        services = assemble(settings)
        limits = BulkLimits(settings.topology.bulk_count, settings.topology.bulk_bytes, settings.topology.bulk_seconds)
        telemetry = Stage("index", int(context["taskid"]))
        self.indexer = Indexer(services.index, services.log, limits, time.monotonic, services.now_ms, telemetry)
        self.serializer.idle = self.when_idle
        report(telemetry, services.redis, settings.storm)

    def process(self, tup: Tuple) -> None:
        if tup.stream == "fate":
            self.indexer.add(tup.id, Fate.unpacked(tup.values[0]))
        else:
            document, fate, _ = tup.values
            self.indexer.add(tup.id, Fate.unpacked(fate), Document.unpacked(document))
        self.flush(idle=False)

    def when_idle(self) -> bool:
        """Writes what waits; says whether something still does."""
        self.flush(idle=True)
        return len(self.indexer) > 0

    def flush(self, idle: bool) -> None:
        if not self.indexer.due(idle):
            return
        try:
            for handle in self.indexer.flush():
                self.ack(handle)
        except (Transient, Fatal) as error:
            self.logger.warning("%d records wait: %s", len(self.indexer), error)

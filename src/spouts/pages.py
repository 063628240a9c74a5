"""Kafka records become tuples; offsets are committed in order when the whole tree of a tuple is done."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any

from streamparse import Spout, Stream

import bolts.multilang  # noqa: F401  first of all: it keeps prints away from the protocol
from bolts.base import ERROR_LENGTH, FATE
from bolts.reporting import report
from riverline import logs
from riverline.content.offsets import Entry, Ledger, Patience
from riverline.errors import Invalid
from riverline.model import Delivery, Fate
from riverline.settings import Settings
from riverline.stores.records import page_of
from riverline.telemetry import Stage
from riverline.text.fingerprint import url_id
from spouts.poller import Poller

BURST = 16  # tuples of one call, at most,
BURST_BYTES = 256 << 10  # and bytes: then Storm gets its turn


class PageSpout(Spout):
    """Emits pages with the record's place as id. Never blocks; what fails comes again, after a growing pause."""

    outputs = [Stream(fields=["delivery", "url_id"]), FATE]

    def initialize(self, conf: Mapping[str, Any], context: Mapping[str, Any]) -> None:
        logs.configure()
        settings = Settings.from_storm(conf)
        self.max_attempts = settings.topology.max_attempts
        self.most_bytes = settings.topology.in_flight_bytes
        timeout = float(conf.get("topology.message.timeout.secs") or 30)
        self.lock = threading.Lock()
        self.ledger: Ledger[Any] = Ledger(Patience(self.max_attempts, timeout=timeout), settings.topology.in_flight)
        index, tasks = _place_among(context)
        self.telemetry = Stage("pages", int(context["taskid"]))
        self.poller = Poller(settings.kafka, self.ledger, self.lock, self.telemetry, index, tasks)
        self._watch()
        self.poller.start()
        report(self.telemetry, settings)

    def _watch(self) -> None:
        self.telemetry.watch("in_flight", lambda: self.ledger.in_flight)
        self.telemetry.watch("in_flight_bytes", lambda: self.ledger.bytes_in_flight)
        self.telemetry.watch("waiting", lambda: self.ledger.waiting)

    def next_tuple(self) -> None:
        sent = size = 0
        while sent < BURST and size < BURST_BYTES and (entry := self._next()):
            size += self._send(entry)
            sent += 1
        if sent:
            self.telemetry.count("emitted", sent)

    def ack(self, tup_id: str) -> None:
        with self.lock:
            entry = self.ledger.ack(tup_id)
        if entry:
            self.telemetry.count("acked")
            self.telemetry.observe("tuple", time.monotonic() - entry.sent_at)

    def fail(self, tup_id: str) -> None:
        with self.lock:
            entry = self.ledger.fail(tup_id, time.monotonic())
        if entry:
            self.telemetry.count("failed")
            self.logger.info("%s failed and is sent again, attempt %d", tup_id, entry.attempt)

    def _next(self) -> Entry[Any] | None:
        now = time.monotonic()
        with self.lock:
            if self.ledger.bytes_in_flight >= self.most_bytes:
                return None
            if entry := self.ledger.due(now):
                self.telemetry.count("retries")
                return entry
        while (record := self.poller.take()) is not None:
            place, size = (record.topic, record.partition), len(record.value or b"")
            with self.lock:
                if entry := self.ledger.send(place, record.offset, record, now, size):
                    return entry
        return None

    def _send(self, entry: Entry[Any]) -> int:
        record = entry.record
        try:
            page = page_of(record)
        except Invalid as error:
            return self._bury(entry, error.reason, str(error))
        if entry.attempt > self.max_attempts:
            return self._bury(entry, "attempts", f"given up after {self.max_attempts} attempts")
        delivery = Delivery.of(page, entry.id, record.timestamp, entry.attempt)
        self.emit([delivery.packed(), url_id(page.key)], tup_id=entry.id)
        return entry.size

    def _bury(self, entry: Entry[Any], reason: str, error: str) -> int:
        """A record that no bolt can be asked about: its fate goes straight to the end of the topology."""
        record = entry.record
        url = (record.key or b"").decode("utf-8", "replace")
        attempts = min(entry.attempt, self.max_attempts)
        fate = Fate(
            entry.id, "dead", url, reason, "spout", error[:ERROR_LENGTH], attempts=attempts, at=record.timestamp
        )
        self.emit([fate.packed()], tup_id=entry.id, stream="fate")
        self.telemetry.count("dead")
        return 0


def _place_among(context: Mapping[str, Any]) -> tuple[int, int]:
    """Which of the spout's tasks this is, from 0, and how many there are."""
    me = str(context["taskid"])
    components = context["task->component"]
    tasks = sorted((task for task, name in components.items() if name == components[me]), key=int)
    return tasks.index(me), len(tasks)

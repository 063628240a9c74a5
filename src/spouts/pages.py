"""Kafka records become tuples; offsets are committed in order when the whole tree of a tuple is done."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Mapping
from typing import Any

from streamparse import Spout, Stream

import bolts.multilang  # noqa: F401  first of all: it keeps prints away from the protocol
from bolts.base import ERROR_LENGTH, FATE
from bolts.errors import TellsErrors
from bolts.place import place_among
from bolts.reporting import report
from riverline import logs
from riverline.adapters.redis.cluster import RedisCluster
from riverline.errors import Invalid
from riverline.model import Fate
from riverline.parsing.fingerprint import url_id
from riverline.pipeline.envelope import Envelope
from riverline.pipeline.offset_tracker import FailureKind, InFlight, OffsetTracker, RetryPolicy
from riverline.pipeline.records import sealed_of
from riverline.pipeline.send_window import SendWindow
from riverline.settings import Settings, Topology
from riverline.telemetry import Stage
from spouts.poller import Poller

BURST = 16  # tuples of one call, at most,
BURST_BYTES = 256 << 10  # and bytes: then Storm gets its turn
WAIT_SHARE = 0.25  # of the message timeout: how long a record may wait in front of the bolts
REST = 0.5  # seconds of one call at most while there is nothing to do at all


class PageSpout(TellsErrors, Spout):
    """Emits pages with the record's place as id. Blocks only when there is nothing to do; what fails comes again, after
    a growing pause."""

    outputs = [Stream(fields=["delivery", "url_id"]), FATE]

    def initialize(self, conf: Mapping[str, Any], context: Mapping[str, Any]) -> None:
        logs.configure_worker()
        settings = Settings.from_storm(conf)
        wanted = settings.topology
        self.max_attempts, self.most_bytes = wanted.max_attempts, wanted.in_flight_bytes
        timeout = float(wanted.message_timeout)
        self.lock = threading.Lock()
        self.tracker: OffsetTracker[Any] = OffsetTracker(RetryPolicy(timeout=timeout), wanted.in_flight)
        self.window = SendWindow(WAIT_SHARE * timeout, _least(wanted), wanted.pending)
        self.clock = secrets.token_hex(6)
        place = place_among(context)
        self.telemetry = Stage("pages", int(context["taskid"]))
        self.poller = Poller(settings.kafka, self.tracker, self.lock, self.telemetry, place.index, place.count)
        self._watch()
        self.poller.start()
        self.reporter, self.rested = report(self.telemetry, RedisCluster(settings.redis), settings.storm), False

    def _watch(self) -> None:
        self.telemetry.watch("in_flight", lambda: self.tracker.in_flight)
        self.telemetry.watch("in_flight_bytes", lambda: self.tracker.bytes_in_flight)
        self.telemetry.watch("waiting", lambda: self.tracker.waiting)

    def next_tuple(self) -> None:
        sent = size = 0
        while sent < BURST and size < BURST_BYTES and (entry := self._next()):
            size += self._send(entry)
            sent += 1
        if sent:
            self.telemetry.count("emitted", sent)
            if self.rested:
                self.rested = False
                self.reporter.soon()  # the state is shown at once, not at the end of a period
        elif not self.tracker.in_flight and not self.tracker.waiting:
            self.rested = True
            self.poller.wait(REST)  # no answer is due, and nothing to send again

    def ack(self, tup_id: str) -> None:
        now = time.monotonic()
        with self.lock:
            entry = self.tracker.ack(tup_id)
        if entry:
            self.window.finish(now)
            self.telemetry.count("acked")
            self.telemetry.observe("tuple", now - entry.sent_at)

    def fail(self, tup_id: str) -> None:
        with self.lock:
            failed = self.tracker.fail(tup_id, time.monotonic())
        if failed:
            entry, failure = failed
            self.telemetry.count("failed" if failure is FailureKind.FAULT else "overdue")
            self.logger.info("%s failed (%s) and is sent again, attempt %d", entry.origin, failure.value, entry.attempt)

    def _next(self) -> InFlight[Any] | None:
        now = time.monotonic()
        limit = self.window.limit(now)
        self.telemetry.set("window", limit)
        with self.lock:
            if not self._has_room(limit):
                return None
            if entry := self.tracker.due(now):
                self.telemetry.count("retries")
                return entry
        while (taken := self.poller.take()) is not None:
            incarnation, record = taken
            place, size = (record.topic, record.partition), len(record.value or b"")
            with self.lock:
                if entry := self.tracker.send(place, record.offset, record, now, size, incarnation):
                    return entry
        return None

    def _has_room(self, limit: int) -> bool:
        """One record may always be out: the account holds copies too that nobody has any more."""
        out = self.tracker.in_flight
        return out == 0 or (out < limit and self.tracker.bytes_in_flight < self.most_bytes)

    def _send(self, entry: InFlight[Any]) -> int:
        record = entry.record
        try:
            sealed = sealed_of(record)
        except Invalid as error:
            return self._bury(entry, error.reason, str(error))
        page = sealed.headers
        if entry.attempt > self.max_attempts:
            return self._bury(entry, "attempts", f"given up after {self.max_attempts} attempts", page.fetched_at)
        delivery = Envelope.of(sealed, entry.origin, record.timestamp, entry.attempt)
        copy = delivery.sent(self.clock, entry.sent_at, redelivered=entry.sendings > 1)
        self.emit([copy.packed(), url_id(page.key)], tup_id=entry.id)
        return entry.size

    def _bury(self, entry: InFlight[Any], reason: str, error: str, fetched_at: int = 0) -> int:
        """A record that no bolt can be asked about: its fate goes straight to the end of the topology."""
        record = entry.record
        url = (record.key or b"").decode("utf-8", "replace")
        attempts = min(entry.attempt, self.max_attempts)
        fate = Fate(
            entry.origin,
            "dead",
            url,
            reason,
            "spout",
            error[:ERROR_LENGTH],
            attempts=attempts,
            at=record.timestamp,
            fetched_at=fetched_at,
        )
        self.emit([fate.packed()], tup_id=entry.id, stream="fate")
        self.telemetry.count("dead")
        return 0


def _least(wanted: Topology) -> int:
    """Records that keep every parser busy: one that is parsed and one that comes next."""
    return max(2, -(-2 * wanted.parsers // wanted.spouts))

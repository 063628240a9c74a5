"""What every bolt of the topology shares: one step per tuple, and how its errors are handled.

Invalid is a verdict on the page: it gets its fate, `dead:<reason>`, at once. Transient and Fatal are about a server and
say nothing of the page: its tuple is not answered, so that the message timeout brings it back without counting an
attempt. Anything else is a fault of ours: the tuple fails and the spout sends it again; at the last attempt the page
is buried.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from math import inf
from typing import Any, ClassVar

from streamparse import Bolt, Stream, Tuple

import bolts.multilang  # noqa: F401  first of all: it keeps prints away from the protocol
from bolts.errors import TellsErrors
from bolts.place import Place, place_among
from bolts.reporting import report
from riverline import logs
from riverline.adapters.redis.cluster import RedisCluster
from riverline.errors import Fatal, Invalid, Transient
from riverline.logs import traceback_of
from riverline.model import Fate
from riverline.pipeline.envelope import Envelope
from riverline.pipeline.offset_tracker import STALE_SHARE
from riverline.pipeline.queue_age import QueueAge
from riverline.settings import Settings
from riverline.telemetry import Stage

FATE = Stream(fields=["fate"], name="fate")
ERROR_LENGTH = 1000  # characters of an error that a fate keeps


class ContentBolt(TellsErrors, Bolt):
    """A bolt of the topology `content`. Subclasses write `step`, and `prepare` for what they need."""

    stage: ClassVar[str]
    patience: ClassVar[float] = STALE_SHARE  # share of the message timeout after which a copy is not worked on
    auto_ack = False
    auto_fail = False

    def initialize(self, conf: Mapping[str, Any], context: Mapping[str, Any]) -> None:
        logs.configure_worker()
        self.settings = Settings.from_storm(conf)
        self.redis = RedisCluster(self.settings.redis)
        self.telemetry = Stage(self.stage, int(context["taskid"]))
        wanted = self.settings.topology
        self.drill = wanted.drill_seconds if wanted.drill_stage == self.stage else 0.0
        self.oldest = self.patience * wanted.message_timeout
        self.ages = QueueAge(2.0 * wanted.message_timeout)
        self.prepare(place_among(context))
        self.follow(context)
        report(self.telemetry, self.redis, self.settings.storm)

    def prepare(self, place: Place) -> None:
        """Builds what the steps need. An exception here stops the worker, which Storm starts again, and so does a wait
        of more than 90 s: no server may be needed here."""

    def follow(self, context: Mapping[str, Any]) -> None:
        """Prepares to choose among the tasks of the next bolt, where that is done here."""

    def step(self, delivery: Envelope, tup: Tuple) -> None:
        """One page: emits it to the next bolt, or its fate."""
        raise NotImplementedError

    def process(self, tup: Tuple) -> None:
        began = time.perf_counter()
        self.telemetry.count("in")
        delivery = Envelope.unpacked(tup.values[0])
        if self.is_stale(delivery):
            self.fail(tup)
            self.telemetry.count("stale")
            return
        if self.drill:
            time.sleep(self.drill)
        try:
            done = self.ended(delivery, tup)
        except (Transient, Fatal) as error:
            self.logger.warning("a page waits for the message timeout: %s", error)
            self.telemetry.count("failed")
            return
        if done:
            self.ack(tup)
        else:
            self.fail(tup)
        self.telemetry.count("done" if done else "failed")
        self.telemetry.observe("tuple", time.perf_counter() - began)

    def is_stale(self, delivery: Envelope) -> bool:
        """Whether a copy has waited for so long that Storm might take it for lost before it is finished: then another
        one is sent, and of two copies one would be worked on for nothing."""
        if not delivery.clock:
            return False
        idle_at = getattr(self.serializer, "idle_at", -inf)  # not told outside of Storm
        return self.ages.of(delivery.clock, delivery.sent_at, time.monotonic(), idle_at) > self.oldest

    def ended(self, delivery: Envelope, tup: Tuple) -> bool:
        """Takes the step. False where the page has to come again. Raises Transient and Fatal."""
        try:
            self.step(delivery, tup)
        except Invalid as error:
            self.end(delivery, "dead", error.reason, str(error), traceback_of(error))
        except (Transient, Fatal):
            raise
        except Exception as error:
            return self.faulty(delivery, error)
        return True

    def faulty(self, delivery: Envelope, error: Exception) -> bool:
        """A fault of ours. Whether it was the last attempt, so that the page is buried."""
        about, where = f"{delivery.origin}: attempt {delivery.attempt} failed", traceback_of(error)
        if delivery.attempt < self.settings.topology.max_attempts:
            self.logger.warning("%s\n%s", about, where)
            return False
        self.logger.error("%s\n%s", about, where)
        self.tell_error(about, error)
        self.end(delivery, "dead", "fault", f"{type(error).__name__}: {error}", where)
        return True

    def end(self, delivery: Envelope, outcome: str, reason: str = "", error: str = "", traceback: str = "") -> None:
        """Emits the fate of a page whose way ends here."""
        fate = Fate(
            delivery.origin,
            outcome,
            delivery.key,
            reason,
            stage=self.stage,
            error=error[:ERROR_LENGTH],
            traceback=traceback,
            attempts=delivery.attempt,
            at=delivery.at,
            fetched_at=delivery.fetched_at,
        )
        self.emit([fate.packed()], stream="fate")
        self.telemetry.count(outcome)

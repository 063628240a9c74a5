"""What every bolt of the topology shares: one step a tuple, and the verdict on what goes wrong in it.

Invalid is a verdict on the page: it gets its fate, `dead:<reason>`, at once. Transient is one on a server: the tuple
fails and the spout sends it again. Anything else is a fault of ours: it is tried again too, and buried at the last
attempt.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, ClassVar

from streamparse import Bolt, Stream, Tuple

import bolts.multilang  # noqa: F401  first of all: it keeps prints away from the protocol
from bolts.reporting import report
from riverline import logs
from riverline.errors import Invalid, Transient
from riverline.model import Delivery, Fate
from riverline.settings import Settings
from riverline.telemetry import Stage

FATE = Stream(fields=["fate"], name="fate")
ERROR_LENGTH = 1000  # characters of an error that a fate keeps


class ContentBolt(Bolt):
    """A bolt of the topology `content`. Subclasses write `step`, and `prepare` for what they need."""

    stage: ClassVar[str]
    auto_ack = False
    auto_fail = False

    def initialize(self, conf: Mapping[str, Any], context: Mapping[str, Any]) -> None:
        logs.configure()
        self.settings = Settings.from_storm(conf)
        self.telemetry = Stage(self.stage, int(context["taskid"]))
        wanted = self.settings.topology
        self.drill = wanted.drill_seconds if wanted.drill_stage == self.stage else 0.0
        self.prepare(int(context["taskid"]))
        self.follow(context)
        report(self.telemetry, self.settings)

    def prepare(self, task: int) -> None:
        """Builds what the steps need. An exception here stops the worker, which Storm starts again."""

    def follow(self, context: Mapping[str, Any]) -> None:
        """Prepares to choose among the tasks of the next bolt, where that is done here."""

    def step(self, delivery: Delivery, tup: Tuple) -> None:
        """One page: emits it to the next bolt, or its fate."""
        raise NotImplementedError

    def process(self, tup: Tuple) -> None:
        began = time.perf_counter()
        self.telemetry.count("in")
        if self.drill:
            time.sleep(self.drill)
        if self.answered(Delivery.unpacked(tup.values[0]), tup):
            self.ack(tup)
            self.telemetry.count("done")
        else:
            self.fail(tup)
            self.telemetry.count("failed")
        self.telemetry.observe("tuple", time.perf_counter() - began)

    def answered(self, delivery: Delivery, tup: Tuple) -> bool:
        """Takes the step. False where the page has to come again."""
        try:
            self.step(delivery, tup)
        except Invalid as error:
            self.end(delivery, "dead", error.reason, str(error))
        except Exception as error:
            if delivery.attempt < self.settings.topology.max_attempts:
                self.logger.warning("%s: attempt %d failed: %r", delivery.origin, delivery.attempt, error)
                return False
            reason = "unavailable" if isinstance(error, Transient) else "fault"
            self.end(delivery, "dead", reason, f"{type(error).__name__}: {error}")
        return True

    def end(self, delivery: Delivery, outcome: str, reason: str = "", error: str = "") -> None:
        """Emits the fate of a page whose way ends here."""
        fate = Fate(
            delivery.origin,
            outcome,
            delivery.key,
            reason,
            stage=self.stage,
            error=error[:ERROR_LENGTH],
            attempts=delivery.attempt,
            at=delivery.at,
            as_of=delivery.page.fetched_at if reason == "gone" else 0,
        )
        self.emit([fate.packed()], stream="fate")
        self.telemetry.count(outcome)

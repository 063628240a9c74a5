"""The probe's spout and bolts. What happens to them they write down, a JSON object a line: `at` in s, `who`, `what`.

They import nothing of the product: `time` alone, which the model replaces.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from streamparse import Bolt, Spout, Tuple

FIRST = ("done", "half", "failed", "silent", "late")  # one message of each is sent
LATE = 2.5  # message timeouts after which a late answer comes
TIMEOUT = "topology.message.timeout.secs"


class Events:
    """The lines of all processes in one file."""

    def __init__(self, conf: Mapping[str, Any], who: str) -> None:
        self._path, self._who = Path(conf["probe.events"]), who

    def add(self, what: str) -> None:
        with self._path.open("a") as lines:
            lines.write(json.dumps({"at": time.time(), "who": self._who, "what": what}) + "\n")

    def told(self) -> list[str]:
        """`who what` of all lines."""
        with self._path.open() as lines:
            return [f"{event['who']} {event['what']}" for event in map(json.loads, lines)]


class ProbeSpout(Spout):
    """Sends one message of each kind; when all answers are known, the one that kills its bolt; in its next life one."""

    outputs = ("kind",)

    def initialize(self, conf: Mapping[str, Any], context: Mapping[str, Any]) -> None:
        self.events = Events(conf, "spout")
        self.events.add("start")
        self.waiting = list(FIRST)
        if self.events.told().count("spout start") > 1:
            self.waiting = ["after"]

    def next_tuple(self) -> None:
        if not self.waiting and self._is_all_known():
            self.waiting = ["crash"]
        if self.waiting:
            kind = self.waiting.pop(0)
            self.events.add(f"send {kind}")
            self.emit([kind], tup_id=kind)

    def _is_all_known(self) -> bool:
        told = set(self.events.told())
        known = all(told & {f"spout ack {kind}", f"spout fail {kind}"} for kind in FIRST)
        return known and "end answered late" in told and "spout send crash" not in told

    def ack(self, tup_id: str) -> None:
        self.events.add(f"ack {tup_id}")

    def fail(self, tup_id: str) -> None:
        self.events.add(f"fail {tup_id}")


class Anchored(Bolt):
    auto_ack = auto_fail = auto_anchor = False
    name = ""

    def initialize(self, conf: Mapping[str, Any], context: Mapping[str, Any]) -> None:
        self.events = Events(conf, self.name)
        self.timeout = float(conf[TIMEOUT])
        self.events.add("start")


class MiddleBolt(Anchored):
    """Passes on, fails, dies."""

    outputs = ("kind",)
    name = "middle"

    def process(self, tup: Tuple) -> None:
        (kind,) = tup.values
        if kind == "failed":
            self.fail(tup)
            return
        if kind == "crash":
            raise RuntimeError("as the probe wants it")
        for part in ("first half", "second half") if kind == "half" else (kind,):
            self.emit([part], anchors=[tup])
        self.ack(tup)


class EndBolt(Anchored):
    """Answers, fails one half of two, is silent, or answers too late."""

    name = "end"

    def process(self, tup: Tuple) -> None:
        (kind,) = tup.values
        self.events.add(f"sees {kind}")
        if kind == "silent":
            return
        if kind == "first half":
            self.fail(tup)
            return
        if kind == "late":
            time.sleep(LATE * self.timeout)
        self.ack(tup)
        if kind == "late":
            self.events.add("answered late")

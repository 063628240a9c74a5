"""The topology without Storm: its components in one process, with a recorder where Storm would be."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from io import BytesIO

from streamparse import Tuple

import bolts.base
import bolts.deduplicate
import bolts.index
from bolts.deduplicate import DeduplicateBolt
from bolts.index import IndexBolt
from bolts.parse import ParseBolt
from bolts.tag import TagBolt
from riverline.model import Page
from riverline.pipeline.envelope import Envelope, SealedPage
from riverline.settings import Settings

CHAIN = [DeduplicateBolt, ParseBolt, TagBolt, IndexBolt]


class Log:
    """Takes every line."""

    def __getattr__(self, name):
        return lambda *args, **kwargs: None


@dataclass
class Recorder:
    """What a component said: emits as (values, stream), acks and fails as tuple ids."""

    emits: list = field(default_factory=list)
    acks: list = field(default_factory=list)
    fails: list = field(default_factory=list)


def component(cls, conf, task: int = 1):
    """A component that was started as Storm would, and the recorder of what it says."""
    made = cls(input_stream=BytesIO(), output_stream=BytesIO())
    recorder = Recorder()
    made.logger = Log()
    made.emit = lambda values, stream="default", **kwargs: recorder.emits.append((values, stream))
    made.ack = lambda tup: recorder.acks.append(getattr(tup, "id", tup))
    made.fail = lambda tup: recorder.fails.append(getattr(tup, "id", tup))
    made.initialize(conf, {"taskid": task})
    return made, recorder


class Line:
    """The bolts one after the other; `send` lets a page go the whole way."""

    def __init__(self, services, monkeypatch, settings: Settings) -> None:
        monkeypatch.setattr(bolts.deduplicate, "assemble", lambda _: services)
        monkeypatch.setattr(bolts.index, "assemble", lambda _: services)
        self.stages = {}
        for module in (bolts.base, bolts.index):
            monkeypatch.setattr(module, "report", lambda stage, *_: self.stages.update({stage.component: stage}))
        conf = settings.for_storm()
        self.bolts = [component(cls, conf, task) for task, cls in enumerate(CHAIN)]

    def send(self, page: Page, origin: str = "crawl.a.example-0-0", attempt: int = 1, **sending) -> str:
        """Returns "acked" or "failed"."""
        delivery = replace(Envelope.of(SealedPage.of(page), origin, 1_700_000_000_000, attempt), **sending)
        waiting = deque([(0, [delivery.packed(), "url"], "default")])
        while waiting:
            at, values, stream = waiting.popleft()
            bolt, recorder = self.bolts[at]
            recorder.emits.clear()
            bolt.process(Tuple(f"{at}", "x", stream, 1, values))
            if recorder.fails:
                recorder.fails.clear()
                return "failed"
            waiting.extend((3 if to == "fate" else at + 1, out, to) for out, to in recorder.emits)
        self.bolts[3][0].when_idle()
        return "acked" if self.bolts[3][1].acks else "waiting"

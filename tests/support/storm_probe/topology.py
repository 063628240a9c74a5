"""The probe as a topology."""

import os

from probe import EndBolt, MiddleBolt, ProbeSpout
from streamparse import Grouping, Topology


class Probe(Topology):
    """ProbeSpout -> MiddleBolt -> EndBolt."""

    config = {
        "probe.events": os.environ.get("PROBE_EVENTS", ""),
        "topology.message.timeout.secs": int(os.environ.get("PROBE_TIMEOUT", "5")),
        "topology.workers": 1,
        "topology.multilang.serializer": "riverline.storm.MessagePackSerializer",  # as config.json says
    }
    spout = ProbeSpout.spec()
    middle = MiddleBolt.spec(inputs={spout: Grouping.SHUFFLE})
    end = EndBolt.spec(inputs={middle: Grouping.SHUFFLE})

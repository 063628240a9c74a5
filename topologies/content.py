"""Which bolt follows which, with what parallelism, and which hosts may be told so; nothing else.

PageSpout -> DeduplicateBolt -> ParseBolt -> TagBolt -> IndexBolt
     \\            \\              \\          \\          ^
      `------------- stream `fate` -----------------------'
"""

from pathlib import Path

from streamparse import Grouping, Topology

from bolts.deduplicate import DeduplicateBolt
from bolts.index import IndexBolt
from bolts.parse import ParseBolt
from bolts.tag import TagBolt
from riverline.adapters.storm.host_keys import require_known_hosts
from riverline.settings import Settings
from spouts.pages import PageSpout

SETTINGS = Settings.load()
require_known_hosts(Path.home() / ".ssh" / "known_hosts")  # `sparse` reads this file before it goes to a host


class Content(Topology):
    """Pages from Kafka to Elasticsearch, each with one fate.

    How many workers it has, and what it logs where, is said by the environment of config.json: what stands here would
    win over that.
    """

    config = {
        **SETTINGS.for_storm(),
        "topology.multilang.serializer": "riverline.storm.MessagePackSerializer",
        "topology.stats.sample.rate": 1.0,  # Storm's own figures are counts, not samples of one in twenty
        "topology.max.spout.pending": SETTINGS.topology.pending,
        # how long a tuple may wait follows from it: in the spout content/send_window.py, in the bolts bolts/base.py
        "topology.message.timeout.secs": SETTINGS.topology.message_timeout,
        # longer than the longest step of a bolt: a parse has 5 s, a bulk 30
        "topology.subprocess.timeout.secs": 90,
        # Storm's threads spin before they sleep; for pages that take milliseconds that is half of the work for nothing
        "topology.bolt.wait.strategy": "riverline.storm.RestingWait",
        "topology.spout.wait.strategy": "riverline.storm.RestingWait",
        "topology.bolt.wait.progressive.level1.count": 1,
        "topology.bolt.wait.progressive.level2.count": 1,
        "topology.bolt.wait.progressive.level3.sleep.millis": 3,
        "topology.spout.wait.progressive.level1.count": 0,
        "topology.spout.wait.progressive.level2.count": 0,
        "topology.spout.wait.progressive.level3.sleep.millis": 5,
    }

    pages = PageSpout.spec(par=SETTINGS.topology.spouts)
    deduplicate = DeduplicateBolt.spec(inputs={pages: Grouping.fields("url_id")}, par=SETTINGS.topology.deduplicators)
    # More tasks than executors: those that are spare wait until a rebalance calls them (bolts/task_selection.py).
    parse = ParseBolt.spec(
        inputs={deduplicate: Grouping.DIRECT},
        par=SETTINGS.topology.parsers,
        config={"topology.tasks": max(SETTINGS.topology.parsers, SETTINGS.topology.parsers_most)},
    )
    tag = TagBolt.spec(
        inputs={parse: Grouping.DIRECT},
        par=SETTINGS.topology.taggers,
        config={"topology.tasks": max(SETTINGS.topology.taggers, SETTINGS.topology.taggers_most)},
    )
    index = IndexBolt.spec(
        inputs={
            tag: Grouping.fields("text_digest"),
            pages["fate"]: Grouping.SHUFFLE,
            deduplicate["fate"]: Grouping.SHUFFLE,
            parse["fate"]: Grouping.SHUFFLE,
            tag["fate"]: Grouping.SHUFFLE,
        },
        par=SETTINGS.topology.indexers,
    )

"""The feed on the real stores: MySQL and the Redis Cluster."""

from __future__ import annotations

from riverline.errors import Fatal
from riverline.settings import Settings
from riverline.stores.ledger import MysqlLedger
from riverline.stores.mysql import Mysql
from riverline.stores.redis_cluster import RedisCluster
from riverline.stores.redis_timelines import RedisTimelines
from riverline.timeline.feed import Feed
from riverline.timeline.influence import Thresholds
from riverline.timeline.metrics import DROPPED


def open_feed(settings: Settings) -> Feed:
    """It connects at first use. Raises Fatal when the thresholds contradict each other."""
    wanted = settings.timelines
    try:
        thresholds = Thresholds(wanted.influencer_from, wanted.influencer_until)
    except ValueError as error:
        raise Fatal(f"RIVERLINE_TIMELINES__INFLUENCER_FROM and _UNTIL: {error}") from None
    cluster = RedisCluster(settings.redis.nodes)
    cache = RedisTimelines(cluster, wanted.entries, int(wanted.ttl_days * 86_400), DROPPED.inc)
    return Feed(MysqlLedger(Mysql(settings), thresholds), cache, wanted.entries)

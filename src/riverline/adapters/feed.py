"""The feed on the real stores: MySQL and the Redis Cluster."""

from __future__ import annotations

from riverline.adapters.mysql.database import Database
from riverline.adapters.mysql.feed_repository import MysqlFeedRepository
from riverline.adapters.redis.cluster import RedisCluster
from riverline.adapters.redis.timelines import RedisTimelines
from riverline.errors import Fatal
from riverline.feed.feed import Feed
from riverline.feed.influence import Thresholds
from riverline.feed.metrics import DROPPED
from riverline.settings import Settings


def open_feed(settings: Settings, mysql: Database, cluster: RedisCluster) -> Feed:
    """On connections that others use too. Raises Fatal when the thresholds contradict each other."""
    wanted = settings.timelines
    try:
        thresholds = Thresholds(wanted.influencer_from, wanted.influencer_until)
    except ValueError as error:
        raise Fatal(f"RIVERLINE_TIMELINES__INFLUENCER_FROM and _UNTIL: {error}") from None
    cache = RedisTimelines(cluster, wanted.entries, int(wanted.ttl_days * 86_400), DROPPED.inc)
    return Feed(MysqlFeedRepository(mysql, thresholds), cache, wanted.entries)

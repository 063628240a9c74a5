"""What became of a load of pages: nothing may be lost, and nothing indexed twice."""

from __future__ import annotations

import time
from collections import Counter

from riverline.errors import Transient
from riverline.pipeline.audit import Account, accounts
from riverline.search.contracts import FateQuery
from riverline.search.query import Query
from riverline.services import Services
from tests.support.load import Load

SETTLED = 300.0  # seconds in which the account must be balanced


def settled(services: Services, load: Load) -> list[Account]:
    """The accounts of the load's topics once they are balanced, or as they stand at the end of the patience."""
    deadline = time.monotonic() + SETTLED
    found: list[Account] = []
    while time.monotonic() < deadline:
        try:
            found = accounts(services.log, services.index, load.topics)
        except Transient:
            found = []
        if found and all(account.balanced for account in found):
            return found
        time.sleep(0.5)
    return found


def missing(services: Services, load: Load) -> list[str]:
    """Acknowledged pages that the index does not hold."""
    urls = list(dict.fromkeys(load.acknowledged))
    held = {url for at in range(0, len(urls), 500) for url in services.index.stored(urls[at : at + 500])}
    return [url for url in urls if url not in held]


def doubled(services: Services, load: Load) -> list[str]:
    """Pages that have more documents than one, or more fates `indexed` than records."""
    wanted = Counter[str]()
    for host in load.hosts:
        wanted[host] = services.index.search(Query("", site=host), 0).total
    own = Counter(url.split("/")[2] for url in set(load.acknowledged))
    too_many = [host for host in load.hosts if wanted[host] > own[host]]
    return too_many + [origin for topic in load.topics for origin in _twice(services, topic)]


def _twice(services: Services, topic: str) -> list[str]:
    origins: Counter[str] = Counter()
    query = FateQuery(topic=topic, limit=500)
    while True:
        page = services.index.fates(query)
        origins.update(fate.origin for fate in page.items)
        if page.next is None:
            return [origin for origin, count in origins.items() if count > 1]
        query = FateQuery(topic=topic, limit=500, after=page.next)

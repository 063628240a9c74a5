"""Are timelines and search what the API's answers said?"""

from __future__ import annotations

import time
from dataclasses import replace

from riverline.adapters.elasticsearch.post_documents import url
from riverline.errors import Transient
from riverline.search.query import Query, Sort
from riverline.services import Services
from tests.support.feed_load import FeedLoad

SETTLED = 600.0  # seconds after the repair in which everything must be right


class FeedAccount:
    """What differs from what was answered."""

    def __init__(self, load: FeedLoad, services: Services, site: str) -> None:
        said, self.missing, self.extra, self.twice = load.said, 0, 0, 0
        unknown: set[int] = set()
        for user in load.users:
            read, wanted = load.timeline(user), said.timeline(user)
            self.twice += len(read) - len(set(read))
            self.missing += len(wanted - set(read))
            self.extra += len((set(read) - wanted) & said.posts.keys())
            unknown |= set(read) - said.posts.keys()
        self.extra += max(0, len(unknown) - said.unanswered)
        self.unfound = _unfound(load, services, site)

    @property
    def right(self) -> bool:
        return not (self.missing or self.extra or self.twice or self.unfound)


def _unfound(load: FeedLoad, services: Services, site: str) -> int:
    """Posts that search lacks, shows though they were deleted, or shows twice."""
    said = load.said
    wanted = {url(post, site) for post in said.posts if post not in said.deleted}
    gone = {url(post, site) for post in said.deleted}
    found: list[str] = []
    query = Query("", tag=load.tag, sort=Sort.NEWEST, limit=100, facets=False)
    while True:
        page = services.index.search(query, 0)
        found += [hit.url for hit in page.hits]
        if page.next is None:
            break
        query = replace(query, after=page.next)
    unknown = set(found) - wanted - gone
    twice = len(found) - len(set(found))
    return len(wanted - set(found)) + len(gone & set(found)) + twice + max(0, len(unknown) - said.unanswered)


def settled(load: FeedLoad, services: Services, site: str) -> tuple[FeedAccount, float]:
    """The account once it is right, or as it stands at the end of the patience, and when it was begun to be read."""
    deadline = time.monotonic() + SETTLED
    while True:
        began = time.monotonic()
        try:
            account = FeedAccount(load, services, site)
            if account.right or time.monotonic() > deadline:
                return account, began
        except (Transient, AssertionError):
            if time.monotonic() > deadline:
                raise
        time.sleep(1.5)  # between two looks: an account reads every timeline through the API

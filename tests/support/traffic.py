"""Pages and people at once, watched, and an account of both at the end."""

from __future__ import annotations

import time
from collections.abc import Sequence

from riverline.services import Services
from tests.support.feed_account import settled as feed_settled
from tests.support.feed_load import FeedLoad
from tests.support.load import Load
from tests.support.load_account import doubled, missing, settled
from tests.support.probe import Probe
from tests.support.stack import until

RATE = 10.0  # pages a second
POSTS = 4.0  # requests of people a second
FLOWING = 50  # pages that Kafka has taken when it happens, and once more when it is over
COLUMNS = (
    "pages",
    "lost",
    "twice",
    "posts",
    "missing or too many",
    "no post taken",
    "no timeline",
    "no search",
    "balanced after",
)


class Traffic:
    """Flows from its start on. `site`: the API's address that people ask."""

    def __init__(self, services: Services, site: str) -> None:
        self._services = services
        self.load, self.people = Load(services.log, f"{time.time_ns():x}", RATE), FeedLoad(site, POSTS)
        fan = self.people.fans[0]
        token = {"Authorization": f"Bearer {self.people.tokens[fan]}"}
        self.timeline = Probe(site, f"/posts?user_id={fan}", token)
        self.search = Probe(site, "/search?q=moon")

    def start(self) -> None:
        for each in (self.load, self.people, self.search, self.timeline):
            each.start()
        assert self._flows(FLOWING, 120), "the load does not flow"

    def _flows(self, wanted: int, seconds: float) -> bool:
        load = self.load
        return until(lambda: len(load.acknowledged) >= wanted or bool(load.given_up), seconds)

    def account(self) -> tuple[Sequence[str], list[str]]:
        """Ends it once it flows again: the cells of its row of a table, and what is wrong."""
        assert self._flows(len(self.load.acknowledged) + FLOWING, 300), "the load stood still"
        self.load.end()
        self.people.end(120)
        silent = [self.people.longest_silence, self.timeline.end(), self.search.end()]
        ended = time.monotonic()
        found = settled(self._services, self.load)
        feed, _ = feed_settled(self.people, self._services, self._services.settings.api.site)
        took = time.monotonic() - ended
        lost, twice = missing(self._services, self.load), doubled(self._services, self.load)
        differing = feed.missing + feed.extra + feed.twice + feed.unfound
        posts = len(self.people.said.posts)
        numbers = (len(self.load.acknowledged), len(lost), len(twice), posts, differing)
        cells = [*map(str, numbers), *(f"{seconds:.1f} s" for seconds in silent), f"{took:.0f} s"]
        wrong = [str(error) for error in (*self.load.given_up, *self.people.said.errors)]
        wrong += [f"not balanced: {each}" for each in found if not each.balanced]
        wrong += [f"lost: {url}" for url in lost] + [f"twice: {one}" for one in twice]
        return cells, wrong + ([] if feed.right else [str(vars(feed))])

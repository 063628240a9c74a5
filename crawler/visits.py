"""One address to ask for, and the host that it is on. Pure."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

from crawler.politeness import Pace
from crawler.robots import Rules
from riverline.model import Target


@dataclass(frozen=True, slots=True)
class Visit:
    """One address to ask for. The last three are of the visit before, in an earlier round."""

    url: str  # as it is asked for
    key: str  # what it is known by
    host: str
    target: Target
    depth: int = 0
    redirects: int = 0  # that led here
    tries: int = 0  # before this one
    robots_of: str = ""  # the origin whose robots.txt this is
    etag: str = ""
    last_modified: str = ""
    digest: str = ""

    @property
    def origin(self) -> str:
        """Scheme, host and port: what a robots.txt is for."""
        return "/".join(self.url.split("/", 3)[:3])


@dataclass(slots=True)
class Host:
    """A host's queue, its pace and the rules of its origins. None among the rules: asked for, not there yet."""

    pace: Pace
    queue: deque[Visit] = field(default_factory=deque)
    rules: dict[str, Rules | None] = field(default_factory=dict)
    rules_until: dict[str, float] = field(default_factory=dict)
    told: set[tuple[str, str]] = field(default_factory=set)  # origin and target, whose sitemaps are queued
    targets: dict[str, Target] = field(default_factory=dict)
    armed_at: float = math.inf  # its time in the heap; other entries of it there are stale
    blocked: bool = False  # whether all of its queue waits for a robots.txt

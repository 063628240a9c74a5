"""Whose posts are pushed, and whose are pulled.

A post is pushed to the timelines of the author's followers, unless that would be too many: then followers pull it when
they read. Between the two thresholds nothing changes, so that one follower who comes and goes moves no timelines.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Numbers of followers: from `up` on a user becomes an influencer, below `down` the user ceases to be one."""

    up: int = 10_000
    down: int = 8_000

    def __post_init__(self) -> None:
        if not 0 < self.down <= self.up:
            raise ValueError(f"down ({self.down}) must be positive and not above up ({self.up})")


def becomes(influencer: bool, followers: int, thresholds: Thresholds) -> bool:
    """If a user with so many followers is to be an influencer."""
    return followers >= (thresholds.down if influencer else thresholds.up)


def is_pulled_only(influencer: bool, announced: bool) -> bool:
    """If nothing needs to be pushed: every timeline of a follower knows that it pulls the author's posts."""
    return influencer and announced

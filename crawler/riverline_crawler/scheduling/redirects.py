"""Redirects that a visit follows itself: to another spelling of its address, and of a robots.txt. Pure."""

from __future__ import annotations

from dataclasses import replace

from riverline.errors import Invalid
from riverline.parsing.url import canonical, host_of, requested
from riverline_crawler.scheduling.fetch_item import FetchItem

MAX_REDIRECTS = 5


def respelled(visit: FetchItem, url: str) -> FetchItem | str:
    """The visit under another spelling of its own address, or why not: it is another page (`other`), the very same
    address (`redirect_loop`), or one redirect too many (`redirects`)."""
    try:
        address = requested(url)
        if canonical(address) != visit.key:
            return "other"
    except Invalid:
        return "bad_url"
    if address == visit.url:
        return "redirect_loop"
    if visit.redirects >= MAX_REDIRECTS:
        return "redirects"
    return replace(visit, url=address, redirects=visit.redirects + 1, tries=0)


def moved_robots(visit: FetchItem, url: str) -> FetchItem | None:
    """The visit of a robots.txt at the address that it redirects to, on any host. None where that leads nowhere."""
    try:
        address, host = requested(url), host_of(url)
    except Invalid:
        return None
    if visit.redirects >= MAX_REDIRECTS:
        return None
    return replace(visit, url=address, host=host, redirects=visit.redirects + 1, tries=0)

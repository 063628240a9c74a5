"""What the log of an archived web's proxy says of a crawl: what it brought, what it asked for, how far apart."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from urllib.parse import urlsplit

import httpx
from protego import Protego

from riverline.parsing.url import requested

AGENT = "RiverlineBot"
RETRY_AFTER = 1.0  # seconds; what each 503 of the replay asks for
TRAPS = "trap.replay"
Line = dict
Place = tuple[str, str]  # host, path


@dataclass
class Allowed:
    """What may be asked for: the manifest less what robots.txt forbids and what has an address that no browser sends
    as it stands (spaces, `/.`, a host beyond ASCII); the delays that hosts ask for, in seconds."""

    pages: set[Place] = field(default_factory=set)
    forbidden: set[Place] = field(default_factory=set)
    delays: dict[str, float] = field(default_factory=dict)
    unsendable: set[Place] = field(default_factory=set)

    def places(self, url: str, is_allowed: bool) -> set[Place]:
        """Where an address of the manifest belongs."""
        if not is_allowed:
            return self.forbidden
        return self.pages if is_sendable(url) else self.unsendable


def is_sendable(url: str) -> bool:
    """Whether a browser asks for just that address."""
    return requested(url) == url


def allowed_of(manifest: list[dict], proxy: str) -> Allowed:
    """Read with a client of its own, before the crawl, past the log."""
    found = Allowed()
    with httpx.Client(proxy=proxy, trust_env=False, timeout=30) as client:
        rules: dict[str, Protego] = {}
        for page in manifest:
            parts = urlsplit(page["url"])
            host = parts.hostname or ""
            if host not in rules:
                rules[host] = Protego.parse(client.get(f"http://{host}/robots.txt").text)
                found.delays[host] = float(rules[host].crawl_delay(AGENT) or 0.0)
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            found.places(f"http://{host}{path}", rules[host].can_fetch(f"http://{host}{path}", AGENT)).add((host, path))
    return found


@dataclass
class Verdict:
    """`gaps` are between the arrivals of two requests in a row at one host."""

    requests: int
    allowed: int
    unsendable: list[Place]
    missing: list[Place]
    disallowed: list[Place]
    twice: list[Place]
    gaps: int
    below: list[tuple[float, str]]
    narrowest: float  # of the gaps, as a share of what the host must be given
    busy: int
    retried: int
    traps: dict[str, list[int]]

    @property
    def polite(self) -> bool:
        return not self.disallowed and not self.below and self.retried == self.busy

    @property
    def holds(self) -> bool:
        return self.polite and not self.missing and not self.twice

    def plain(self) -> dict:
        return {
            "requests": self.requests, "allowed": self.allowed, "unsendable": self.unsendable,
            "missing": self.missing[:5],
            "disallowed_requested": self.disallowed[:5], "brought_twice": self.twice[:5],
            "gaps": self.gaps, "gaps_below": len(self.below), "narrowest": self.narrowest, "worst": self.below[:5],
            "busy_503": self.busy, "retried_after_retry_after": self.retried, "trap_requests": self.traps,
        }  # fmt: skip


def judged(log: list[Line], allowed: Allowed, rate: float) -> Verdict:
    """What a crawl at `rate` requests a second and host did."""
    hosts: dict[str, list[Line]] = defaultdict(list)
    for line in sorted(log, key=lambda line: line["time"]):
        hosts[line["host"]].append(line)
    brought = Counter((line["host"], line["path"]) for line in log if line["status"] == 200)
    asked = {(line["host"], line["path"]) for line in log}
    gaps = [
        (gap, max(1 / rate, allowed.delays.get(host, 0.0) if later["path"] != "/robots.txt" else 0.0), host)
        for host, lines in hosts.items()
        for earlier, later in pairwise(lines)
        for gap in [later["time"] - earlier["time"]]
    ]
    busy = [line for line in log if line["status"] == 503]
    return Verdict(
        requests=len(log),
        allowed=len(allowed.pages),
        unsendable=sorted(allowed.unsendable),
        missing=sorted(allowed.pages - set(brought)),
        disallowed=sorted(asked & allowed.forbidden),
        twice=[place for place, count in brought.items() if count > 1 and place[0] != TRAPS],
        gaps=len(gaps),
        below=sorted((round(gap, 4), host) for gap, least, host in gaps if gap < least),
        narrowest=round(min((gap / least for gap, least, _ in gaps), default=0.0), 4),
        busy=len(busy),
        retried=sum(_retried(line, hosts[line["host"]]) for line in busy),
        traps=_traps(hosts[TRAPS]),
    )


def _retried(busy: Line, of_host: list[Line]) -> bool:
    """Whether the host was left alone for what it asked for, and the page was asked for again."""
    later = [line for line in of_host if line["time"] > busy["time"]]
    again = [line for line in later if line["path"] == busy["path"]]
    return bool(again) and min(line["time"] for line in later) - busy["answered"] >= RETRY_AFTER


def _traps(lines: list[Line]) -> dict[str, list[int]]:
    """Requests and bytes of each trap."""
    found: dict[str, list[int]] = {}
    for line in lines:
        name = "/" + line["path"].split("/")[1]
        requests, size = found.get(name, [0, 0])
        found[name] = [requests + 1, size + line["bytes"]]
    return found

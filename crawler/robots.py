"""robots.txt as RFC 9309 has it, read by protego: groups, longest match, and what the answer's status means."""

from __future__ import annotations

from dataclasses import dataclass

from protego import Protego

MAX_BYTES = 500 << 10  # what stands behind it is not read (RFC 9309, 2.5)
MAX_REDIRECTS = 5
MAX_SITEMAPS = 50


@dataclass(frozen=True, slots=True)
class Rules:
    """What a site asks of this crawler. `reachable` is false where it could not be asked: then nothing is allowed."""

    parsed: Protego | None = None
    agent: str = ""
    crawl_delay: float | None = None
    sitemaps: tuple[str, ...] = ()
    reachable: bool = True

    def allows(self, url: str) -> bool:
        """Whether a URL may be asked for. A rule that cannot be evaluated forbids."""
        if not self.reachable:
            return False
        try:
            return self.parsed is None or bool(self.parsed.can_fetch(url, self.agent))
        except ValueError:
            return False


UNREACHABLE = Rules(reachable=False)
EVERYTHING = Rules()


def rules_of(status: int, body: bytes, agent: str) -> Rules:
    """The rules of an answer to a request for robots.txt. 4xx: all is allowed; 429, 5xx and the rest: nothing is."""
    if 400 <= status < 500 and status != 429:
        return EVERYTHING
    if status != 200:
        return UNREACHABLE
    parsed = Protego.parse(_whole_lines(body).decode("utf-8-sig", "replace"))
    return Rules(parsed, agent, parsed.crawl_delay(agent), tuple(list(parsed.sitemaps)[:MAX_SITEMAPS]))


def product_token(user_agent: str) -> str:
    """The name that robots rules are for: `RiverlineBot` of `RiverlineBot/1.0 (...)`."""
    return user_agent.split("/", 1)[0].split(" ", 1)[0]


def _whole_lines(body: bytes) -> bytes:
    """The first 500 KiB without a line that was cut: half a rule could allow or forbid more than the whole."""
    return body if len(body) <= MAX_BYTES else body[:MAX_BYTES].rpartition(b"\n")[0]

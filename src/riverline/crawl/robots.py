"""robots.txt as RFC 9309 has it, read as Google's parser reads what the standard leaves open. Pure.

- Any 2xx is read (204 forbids nothing), 4xx but 429 allows all, the rest forbids all.
- A group is named by one or more `User-agent` lines; only `allow` and `disallow` end the naming, so records that the
  standard does not know (`Crawl-delay`, `Host`, `Sitemap`) end nothing. Groups of one name are one.
- Of a name the letters, `-` and `_` count, up to what follows them: `RiverlineBot/1.0` is us, `river` is not. Where no
  group is for us the groups of `*` are.
- The longest rule that fits decides, `allow` where two are as long; `*` and `$` as usual, in time that grows with the
  length of the rule times that of the address, however many `*` a rule holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

RULES = "/robots.txt"  # implicitly allowed (RFC 9309, 2.2.2)
MAX_BYTES = 500 << 10  # what stands behind it is not read (RFC 9309, 2.5)
MAX_REDIRECTS = 5
MAX_SITEMAPS = 50
LONGEST_RULE = 16_384  # characters
PRODUCT = re.compile(r"[A-Za-z_-]+")
ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")
FIELDS = {
    "user-agent": "agent", "useragent": "agent", "user agent": "agent",
    "disallow": "disallow", "dissallow": "disallow", "dissalow": "disallow", "disalow": "disallow",
    "diasllow": "disallow", "disallaw": "disallow", "allow": "allow", "crawl-delay": "delay", "crawldelay": "delay",
    "sitemap": "sitemap", "site-map": "sitemap",
}  # fmt: skip
UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


@dataclass(slots=True)
class Group:
    """The rules of one name: patterns, the longest first and of two as long the allowing one; seconds between
    requests."""

    patterns: list[tuple[str, bool]] = field(default_factory=list)
    delay: float | None = None

    def allows(self, path: str) -> bool:
        return next((allowed for pattern, allowed in self.patterns if _fits(pattern, path)), True)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a site asks of this crawler. `reachable` is false where it could not be asked, for the `reason`: then
    nothing is allowed."""

    group: Group | None = None
    crawl_delay: float | None = None
    sitemaps: tuple[str, ...] = ()
    reachable: bool = True
    reason: str = ""

    def allows(self, url: str) -> bool:
        """Whether a URL may be asked for; the rules themselves always may."""
        path = _path_of(url)
        return path == RULES or (self.reachable and (self.group is None or self.group.allows(path)))


UNREACHABLE = Rules(reachable=False)
EVERYTHING = Rules()


def unreachable(reason: str) -> Rules:
    """Of an origin that gave no answer at all."""
    return Rules(reachable=False, reason=reason)


def rules_of(status: int, body: bytes, agent: str) -> Rules:
    """The rules of an answer to a request for robots.txt, for a crawler of that name."""
    if 400 <= status < 500 and status != 429:
        return EVERYTHING
    if not 200 <= status < 300:
        return UNREACHABLE
    groups, sitemaps = _parsed(_whole_lines(body).decode("utf-8-sig", "replace"), agent)
    group = groups.get(agent.lower(), groups.get("*"))
    return Rules(group, group.delay if group else None, tuple(dict.fromkeys(sitemaps))[:MAX_SITEMAPS])


def product_token(user_agent: str) -> str:
    """The name that robots rules are for: `RiverlineBot` of `RiverlineBot/1.0 (...)`."""
    return user_agent.split("/", 1)[0].split(" ", 1)[0]


def _parsed(text: str, agent: str) -> tuple[dict[str, Group], list[str]]:
    """The groups for the agent and for all, by their names, and the sitemaps."""
    groups: dict[str, Group] = {}
    sitemaps: list[str] = []
    named: set[str] = set()
    naming = False
    for what, value in _records(text):
        if what == "agent":
            named = named if naming else set()
            naming = True
            if (name := _agent(value)) in ("*", agent.lower()):
                named.add(name)
                groups.setdefault(name, Group())
        elif what == "sitemap":
            sitemaps += [value] if value else []
        else:
            naming = naming and what == "delay"
            for name in named:
                _note(groups[name], what, value)
    for group in groups.values():
        group.patterns.sort(key=lambda rule: (-len(rule[0]), not rule[1]))
    return groups, sitemaps


def _records(text: str) -> Iterator[tuple[str, str]]:
    """Field and value of each line that has one; a colon may be missing between two words."""
    for line in re.split(r"\r\n|\r|\n", text):
        said = line.partition("#")[0].strip()
        name, colon, value = said.partition(":")
        if not colon:
            name, _, value = said.partition(" ") if len(said.split()) == 2 else ("", "", "")
        if what := FIELDS.get(name.strip().lower()):
            yield what, value.strip()


def _agent(value: str) -> str:
    """`*`, or the product that a value begins with."""
    if value == "*" or value.startswith("* "):
        return "*"
    found = PRODUCT.match(value)
    return found[0].lower() if found else ""


def _note(group: Group, what: str, value: str) -> None:
    if what == "delay":
        try:
            seconds = float(value.split(" ")[0])
        except ValueError:
            return
        if 0 <= seconds < float("inf"):
            group.delay = max(group.delay or 0.0, seconds)
    elif value:
        group.patterns.append((_even(value[:LONGEST_RULE]), what == "allow"))


def _even(text: str) -> str:
    """One spelling of a path: what is escaped and reserved stays so, what is unreserved is bare, the rest escaped."""
    raw = ESCAPED.sub(lambda escape: _shortest(escape[1]), text)
    return "".join(c if c.isascii() and c > " " else "".join(f"%{byte:02X}" for byte in c.encode()) for c in raw)


def _shortest(digits: str) -> str:
    byte = int(digits, 16)
    return chr(byte) if byte in UNRESERVED else f"%{digits.upper()}"


def _path_of(url: str) -> str:
    parts = urlsplit(url)
    return _even((parts.path or "/") + (f"?{parts.query}" if parts.query or url.endswith("?") else ""))


def _fits(pattern: str, path: str) -> bool:
    """Whether a pattern fits the beginning of a path, or all of it where it ends with `$`."""
    whole = pattern.endswith("$")
    first, *others = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    if not others:
        return len(path) == len(first) if whole else True
    place = len(first)
    *middle, last = others
    for part in middle:
        found = path.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    if whole:
        return len(path) - len(last) >= place and path.endswith(last)
    return path.find(last, place) >= 0


def _whole_lines(body: bytes) -> bytes:
    """The first 500 KiB without a line that was cut: half a rule could allow or forbid more than the whole."""
    return body if len(body) <= MAX_BYTES else body[:MAX_BYTES].rpartition(b"\n")[0]

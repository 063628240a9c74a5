"""One form for every URL: what a page is known by (its key), and what follows from a URL alone.

The steps of `canonical`, in order:

1. Parsed as browsers do (WHATWG, ada-url): scheme and host in lower case, IDNA, dots in paths, default ports.
2. Only http and https; user, password and fragment go; a host's final dot goes.
3. Percent-encoding as RFC 3986 6.2.2 has it: capital hexadecimal digits, unreserved characters bare.
4. Parameters that tell where a reader came from go, and session ids, by an exact list of names (trackers.py), and
   `;jsessionid=` in a path.
5. The other parameters are sorted by name; equal names keep their order; `?a`, `?a=` and `?a=b` stay what they are.

What servers are free to answer differently is kept apart: http and https, `www.`, a final slash, `index.html`, letter
case of a path. A key that joined two pages would lose one of them; two keys of one page cost a look-up, since equal
pages are found by their contents. For that reason courlan's and w3lib's cleaning are not used here: the first drops
`?page`, `gallery=3`, `source=...` and what stands before a URL within the URL, the second turns `?page` into `?page=`.
"""

from __future__ import annotations

import re
from functools import lru_cache

import ada_url

from riverline.errors import Invalid
from riverline.parsing.trackers import is_dropped

MAX_LENGTH = 2_048  # characters; what is longer is generated, not published

PATH_SESSION = re.compile(r";(?:jsessionid|phpsessid)=[^/;?#]*", re.IGNORECASE)

_PLAIN = re.compile(r"https?://[^/@:.][^/@]*/")  # a host without user, password and dots in front
# Links in which a browser finds nothing to change: most of the web's. They need no parser.
_PLAIN_LINK = re.compile(
    r"((?:https?://(?!xn--)(?:[a-z0-9-]{1,63}\.(?!xn--))+[a-z]{2,24})?"
    r"/(?!/)(?:[A-Za-z0-9_~!$&()*+,;=:@/?-]|(?<!/)\.|%(?!2[eE])){0,1000})(?:#.*)?",
    re.DOTALL,
)
# Addresses in which nothing is to be changed: they are their own keys. Others may be, too.
_PLAIN_KEY = re.compile(
    r"https?://(?!xn--)(?:[a-z0-9-]{1,63}\.(?!xn--))+[a-z]{2,24}/(?:[A-Za-z0-9_~!$&()*+,=:@-]|(?<!/)[./]){0,1000}"
)
_PLAIN_HOST = re.compile(r"https?://((?!xn--)(?:[a-z0-9-]{1,63}\.(?!xn--))+[a-z]{2,24})(?=[/?#]|$)")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def canonical(url: str) -> str:
    """The key of a page; the key of a key is itself. Raises Invalid (`bad_url`) for what is no web page's URL."""
    if _is_plain(url):
        return url
    while (cleaned := _cleaned(url)) != url:  # what was taken out may leave dots or a number for a host behind it
        url = cleaned
    return url


def requested(url: str) -> str:
    """The URL as it is asked for: as browsers do, without user, password and fragment. Raises Invalid (`bad_url`)."""
    if _is_plain(url):
        return url
    parsed = _parsed(url)
    return f"{parsed.protocol}//{parsed.host}{parsed.pathname}{parsed.search}"


def joined(base: str, href: str) -> str:
    """A link of a page as it is asked for. Raises Invalid (`bad_url`)."""
    if plain := _PLAIN_LINK.fullmatch(href):
        return _bare(_origin(base) + plain[1] if plain[1][0] == "/" else plain[1])
    try:
        url = ada_url.join_url(base, href)
    except ValueError as error:
        raise Invalid(f"not a URL: {href[:200]!r}", "bad_url") from error
    # A page has many links: what was written out by the parser once, and is plain, needs no second one.
    return _bare(url) if _PLAIN.match(url) and len(url) <= MAX_LENGTH else requested(url)


def _bare(url: str) -> str:
    """An address without its fragment and a question mark that asks nothing."""
    url = url.partition("#")[0]
    return url[:-1] if url.find("?") == len(url) - 1 else url


@lru_cache(maxsize=64)
def _origin(base: str) -> str:
    """Scheme, host and port of a page. Raises Invalid (`bad_url`)."""
    parsed = _parsed(base)
    return f"{parsed.protocol}//{parsed.host}"


def host_of(url: str) -> str:
    """The host in lower case, in ASCII, without port and final dot. Raises Invalid (`bad_url`)."""
    if _is_plain(url):
        return url.split("/", 3)[2]
    return _parsed(url).hostname.rstrip(".")


def _is_plain(url: str) -> bool:
    return len(url) <= MAX_LENGTH and _PLAIN_KEY.fullmatch(url) is not None


def plain_host(url: str) -> str:
    """The host of most addresses, found without a parser; empty where it takes one to tell it."""
    found = _PLAIN_HOST.match(url) if len(url) <= MAX_LENGTH else None
    return found[1] if found else ""


def same_host(one: str, other: str) -> bool:
    """Whether two URLs are of one host; `www.` makes no difference."""
    return host_of(one).removeprefix("www.") == host_of(other).removeprefix("www.")


def _parsed(url: str) -> ada_url.URL:
    if len(url) > MAX_LENGTH:
        raise Invalid(f"a URL of {len(url)} characters: {url[:100]}...", "bad_url")
    try:
        parsed = ada_url.URL(url)
    except (ValueError, UnicodeError) as error:
        raise Invalid(f"not a URL: {url[:200]!r}", "bad_url") from error
    if parsed.protocol not in ("http:", "https:") or not parsed.hostname.strip("."):
        raise Invalid(f"not the URL of a web page: {url[:200]!r}", "bad_url")
    return parsed


def _cleaned(url: str) -> str:
    parsed = _parsed(url)
    path = PATH_SESSION.sub("", _unescaped(parsed.pathname))
    query = _query(_unescaped(parsed.search.removeprefix("?")))
    return f"{parsed.protocol}//{_authority(parsed)}{path or '/'}{query}"


def _authority(parsed: ada_url.URL) -> str:
    host = parsed.hostname.rstrip(".")
    return f"{host}:{parsed.port}" if parsed.port else host


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(_shortest, text) if "%" in text else text


def _shortest(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 16))
    return character if character in _UNRESERVED else escape[0].upper()


def _query(query: str) -> str:
    pairs = [pair for pair in query.split("&") if pair and not is_dropped(_name(pair))]
    return "?" + "&".join(sorted(pairs, key=_name)) if pairs else ""


def _name(pair: str) -> str:
    return pair.partition("=")[0]

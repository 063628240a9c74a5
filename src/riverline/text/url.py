"""One form for every URL: what a page is known by (its key), and what may be told from a URL alone.

The steps of `canonical`, in order:

1. Parsed as browsers do (WHATWG, ada-url): scheme and host in lower case, IDNA, dots in paths, default ports.
2. Only http and https; user, password and fragment go; a host's final dot goes.
3. Percent-encoding as RFC 3986 6.2.2 has it: capital hexadecimal digits, unreserved characters bare.
4. Parameters that tell where a reader came from go, and session ids: `TRACKERS`, `SESSIONS`, `PATH_SESSION`.
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
import tldextract

from riverline.errors import Invalid

MAX_LENGTH = 2_048  # characters; what is longer is generated, not published

# After the lists of AdGuard (TrackParamFilter, general_url.txt), ClearURLs and Firefox's query stripping.
TRACKERS = re.compile(
    r"(?:utm|mtm|matomo|piwik|itm|hsa|vero|oly|trk|gad|_hs|__hs)_?\w+"
    r"|pk_(?:campaign|kwd|keyword|source|medium|content|cid)|mc_[ce]id|mkt_tok|ml_subscriber\w*|at_(?:campaign|medium)"
    r"|(?:g|d|fb|msclk|y|ys|tw|tt|sc|s)clid|(?:gbra|wbra|msclk|igsh|wicked|epik|rb_click|_?openstat|trkcamp|srslt|cmp)id"
    r"|gclsrc|fb_(?:action_ids|action_types|source|ref)|igsh|xtor|_ga|_gl|_ke|_kx|ref_(?:src|url)|s_cid|hsctatracking",
    re.IGNORECASE,
)
SESSIONS = re.compile(
    r"phpsessid|jsessionid|aspsessionid\w*|sessionid|session_id|cfid|cftoken|oscsid|zenid", re.IGNORECASE
)
SHORT_SESSIONS = re.compile(r"(?:sid|s|sessid)=[0-9a-f]{24,64}", re.IGNORECASE)  # names with other uses: by their value
PATH_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;?#]*", re.IGNORECASE)

_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_suffixes = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)  # the package's own list: no network


def canonical(url: str) -> str:
    """The key of a page; the key of a key is itself. Raises Invalid (`bad_url`) for what is no web page's URL."""
    while (cleaned := _cleaned(url)) != url:  # what was taken out may leave dots or a number for a host behind it
        url = cleaned
    return url


def requested(url: str) -> str:
    """The URL as it is asked for: as browsers do, without user, password and fragment. Raises Invalid (`bad_url`)."""
    parsed = _parsed(url)
    return f"{parsed.protocol}//{parsed.host}{parsed.pathname}{parsed.search}"


def joined(base: str, href: str) -> str:
    """A link of a page as it is asked for. Raises Invalid (`bad_url`)."""
    try:
        return requested(ada_url.join_url(base, href))
    except ValueError as error:
        raise Invalid(f"no URL: {href[:200]!r}", "bad_url") from error


def host_of(url: str) -> str:
    """The host in lower case, in ASCII, without port and final dot. Raises Invalid (`bad_url`)."""
    return _parsed(url).hostname.rstrip(".")


def same_host(one: str, other: str) -> bool:
    """Whether two URLs are of one host; `www.` makes no difference."""
    return host_of(one).removeprefix("www.") == host_of(other).removeprefix("www.")


@lru_cache(maxsize=4096)
def registered_domain(host: str) -> str:
    """What the owner of a host registered: `example.co.kr` of `news.example.co.kr`; the host itself for others."""
    return _suffixes(host).top_domain_under_public_suffix or host


def _parsed(url: str) -> ada_url.URL:
    if len(url) > MAX_LENGTH:
        raise Invalid(f"a URL of {len(url)} characters: {url[:100]}...", "bad_url")
    try:
        parsed = ada_url.URL(url)
    except (ValueError, UnicodeError) as error:
        raise Invalid(f"no URL: {url[:200]!r}", "bad_url") from error
    if parsed.protocol not in ("http:", "https:") or not parsed.hostname.strip("."):
        raise Invalid(f"no web page's URL: {url[:200]!r}", "bad_url")
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
    pairs = [pair for pair in query.split("&") if pair and not _dropped(pair)]
    return "?" + "&".join(sorted(pairs, key=_name)) if pairs else ""


def _name(pair: str) -> str:
    return pair.partition("=")[0]


def _dropped(pair: str) -> bool:
    name = _name(pair)
    return bool(TRACKERS.fullmatch(name) or SESSIONS.fullmatch(name) or SHORT_SESSIONS.fullmatch(pair))

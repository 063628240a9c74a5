"""A page's headline: its title without the name of the site."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

SEPARATOR = re.compile(r"\s+(?:[-|–—·•»›:/~]|::|\|\||<|>)\s+|\s*[|｜»]\s*|\s+::\s*")
LARGEST_REST = 0.75  # share of a title that may surround the heading in it
LONGEST_NAME = 60  # characters
PLAIN = re.compile(r"[\W_]+")


def headline(tree: LexborHTMLParser, meta: dict[str, str], declared: str, site_name: str, url: str) -> str:
    """The best title of a page: Open Graph's, JSON-LD's, the title element's; as a heading repeats it."""
    element = tree.css_first("title")
    whole = _line(element.text()) if element else ""
    headings = [_line(heading.text(separator=" ")) for heading in tree.css("h1")[:5]]
    host = urlsplit(url).hostname or ""
    for title in (meta.get("og:title", ""), declared, meta.get("twitter:title", ""), whole):
        if title := _line(title):
            return _heading_in(title, headings) or without_site(title, [site_name, *_home_names(tree, host)], host)
    return next((heading for heading in headings if heading), "")


def _line(text: str) -> str:
    return " ".join(text[:2_000].split())


def _heading_in(title: str, headings: list[str]) -> str:
    """The heading that the title is, but for a name of the site around it."""
    for heading in headings:
        rest = title.replace(heading, "", 1) if len(heading) > 8 else title
        if (
            len(rest) < len(title)
            and (not rest or not rest[0].isalnum() or not rest[-1].isalnum())
            and len(rest) < LARGEST_REST * len(title)
        ):
            return heading
    return ""


def _home_names(tree: LexborHTMLParser, host: str) -> list[str]:
    """What the page's links to the home page are called: often a site's only mention of its own name."""
    homes = ",".join(f"a[href='{href}']" for href in ("/", f"http://{host}/", f"https://{host}/", f"https://{host}"))
    return [
        name for link in tree.css(homes)[:4] if (name := _line(link.text(separator=" "))) and len(name) < LONGEST_NAME
    ]


def without_site(title: str, site_names: list[str], host: str) -> str:
    """`Storm over Busan | The River Times` without what stands at an end and is the site's name or host."""
    parts = _split(title)
    while len(parts) > 1:
        if _is_site(parts[-1][1], site_names, host):
            parts.pop()
        elif _is_site(parts[0][1], site_names, host):
            parts.pop(0)
        else:
            break
    return (parts[0][1] + "".join(separator + part for separator, part in parts[1:])).strip()


def _split(title: str) -> list[tuple[str, str]]:
    """The parts of a title, each with the separator in front of it."""
    parts, position, separator = [], 0, ""
    for match in SEPARATOR.finditer(title):
        parts.append((separator, title[position : match.start()]))
        position, separator = match.end(), match.group()
    return [*parts, (separator, title[position:])]


def _is_site(part: str, site_names: list[str], host: str) -> bool:
    """Whether a part of a title names the site: like one of its names, or like its host (`nytimes`)."""
    plain = _plain(part)
    if not plain or any(_alike(plain, _plain(name)) for name in site_names):
        return True
    host = host.removeprefix("www.")
    labels = [_plain(label) for label in host.split(".")[:-1]]
    return len(plain) > 2 and (plain == _plain(host) or plain in labels or plain.removeprefix("the") in labels)


def _alike(part: str, name: str) -> bool:
    """Equal, or one a larger part of the other: `Gazette` and `Harbor Gazette`."""
    shorter, longer = sorted((part, name), key=len)
    return part == name or (len(shorter) > 3 and shorter in longer and len(longer) < 2 * len(shorter))


def _plain(text: str) -> str:
    return PLAIN.sub("", text).casefold()

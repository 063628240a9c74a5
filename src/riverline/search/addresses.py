"""Addresses and hosts that are typed into the search box: which pages they mean. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from riverline.errors import Invalid
from riverline.parsing.fingerprint import url_id
from riverline.parsing.url import canonical, host_of

_FRONT = re.compile(r"(?:https?://)?(?:www\.)?", re.IGNORECASE)
_HOST = re.compile(r"(?:https?://)?(?:[\w-]+\.)+[^\W\d_]{2,}(?::\d+)?/?", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?://\S+|(?:[\w-]+\.)+[^\W\d_]{2,}(?::\d+)?[/?]\S*)", re.IGNORECASE)
_WILD = re.compile(r"[*?\\]")


def is_address(word: str) -> bool:
    """May the word be the address of a page or a host? `node.js` may: whether there is such a host, the index knows."""
    return ("." in word or "/" in word) and any(form.fullmatch(word) for form in (_ADDRESS, _HOST))


def pages(word: str) -> list[str]:
    """The ids of the documents that this may be the address of: with either scheme, with `www.` and a final slash or
    without."""
    bare = _FRONT.sub("", word, count=1).partition("#")[0]
    ends = [bare] if "/" not in bare or "?" in bare else [bare.rstrip("/"), bare.rstrip("/") + "/"]
    fronts = [f"{scheme}://{www}" for scheme in ("https", "http") for www in ("", "www.")]
    return list(dict.fromkeys(_ids(front + end for front in fronts for end in ends)))


def _ids(urls: Iterable[str]) -> Iterable[str]:
    for url in urls:
        try:
            yield url_id(canonical(url))
        except Invalid:
            continue


def host(value: str) -> str:
    """The host of an address as the field `site` has it; the value in lower case where it is none."""
    bare = _FRONT.sub("", value.strip(), count=1).removeprefix("*.")
    try:
        return host_of(f"http://{bare}")
    except Invalid:
        return bare.lower().split("/")[0]


def on(hosts: Iterable[str]) -> dict[str, Any]:
    """The query for pages of these hosts and of all hosts below them."""
    names = [name for name in hosts if name]
    below = [{"wildcard": {"site": f"*.{_WILD.sub(_escaped, name)}"}} for name in names]
    return {"bool": {"should": [{"terms": {"site": names}}, *below]}}


def _escaped(match: re.Match[str]) -> str:
    return f"\\{match[0]}"

"""A target made from just an address. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from riverline.crawl.targets import target_of
from riverline.errors import Invalid
from riverline.model import Target
from riverline.parsing.url import host_of

_ADDRESS = re.compile(r"https?://|[^\s/-][^\s/]*\.[^\s/]+(/|$)", re.IGNORECASE)


def is_address(text: str) -> bool:
    """Whether a text is rather an address than a name."""
    return _ADDRESS.match(text) is not None


def target_at(address: str, wanted: Mapping[str, object]) -> Target:
    """The target of an address, with and without `www.`; `wanted`: its other fields. Its name is the address without
    the scheme. Raises Invalid for what is none."""
    url = address if "://" in address else f"https://{address}"
    try:
        host = host_of(url)
    except Invalid as error:
        raise Invalid(f"{address} is not the address of a site; https://example.org is one") from error
    target = target_of({"name": _name(url), "start_urls": (url,), **wanted})
    return target if target.allowed_hosts else replace(target, allowed_hosts=_with_and_without_www(host))


def _name(url: str) -> str:
    return url.partition("://")[2].strip("/").replace("/", " ")[:100]


def _with_and_without_www(host: str) -> tuple[str, ...]:
    plain = host.removeprefix("www.")
    try:
        return (plain, host_of(f"http://www.{plain}/"))
    except Invalid:  # an address in numbers
        return (host,)

"""The region that a host's country domain stands for."""

from __future__ import annotations

from urllib.parse import urlsplit

# Country domains that mostly serve other purposes say nothing about a region.
BORROWED = frozenset(
    (
        "ai", "am", "as", "bz", "cc", "cd", "co", "dj", "eu", "fm", "gg", "im", "io", "is", "la", "ly", "me", "ms",
        "nu", "sc", "sh", "st", "su", "tk", "to", "tv", "vc", "ws",
    )
)  # fmt: skip
UNLIKE = {"uk": "GB"}


def region_of_host(url: str) -> str:
    """ISO 3166 code of a host's country domain, "" where it has none or the domain is used from everywhere."""
    suffix = (urlsplit(url).hostname or "").rpartition(".")[2].lower()
    if len(suffix) != 2 or not suffix.isalpha() or suffix in BORROWED:
        return ""
    return UNLIKE.get(suffix, suffix.upper())

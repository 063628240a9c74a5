"""Targets for an archived web that a proxy replays: one for each host of its manifest.

    python -m bench.archive MANIFEST --proxy http://127.0.0.1:8899 > targets.json

The manifest is a JSON list of objects with a `url`. Each host's start page leads to its archived pages: depth 1.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from urllib.parse import urlsplit


def targets(manifest: list[dict], proxy: str, rate: float, depth: int, index: str = "") -> list[dict]:
    """A target a host; `index` is one more start URL, whose own links are followed."""
    hosts = sorted({host for page in manifest if (host := urlsplit(page["url"]).hostname)})
    limits = {"rate": rate, "concurrency": 1, "max_pages": 200, "depth": depth, "proxy": proxy}
    made = [{"name": host, "start_urls": [f"http://{host}/"], "allowed_hosts": [host], **limits} for host in hosts]
    if index:
        allowed = [urlsplit(index).hostname, "trap.replay"]
        made.append({"name": "index", "start_urls": [index], "allowed_hosts": allowed, **limits, "depth": 3})
    return made


def main(line: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--proxy", default="http://127.0.0.1:8899")
    parser.add_argument("--rate", type=float, default=10.0, help="requests a second and host")
    parser.add_argument("--depth", type=int, default=1)
    parser.add_argument("--index", default="", help="a page that lists hosts and traps, also crawled")
    asked = parser.parse_args(line)
    made = targets(json.loads(asked.manifest.read_text()), asked.proxy, asked.rate, asked.depth, asked.index)
    json.dump({"targets": made}, sys.stdout, indent=1, ensure_ascii=False)


if __name__ == "__main__":
    main(sys.argv[1:])

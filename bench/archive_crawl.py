"""A crawl of an archived web through the stack that runs, judged by the log of its proxy and by its manifest.

    python -m bench.archive_crawl ARCHIVE --faults [--crawlers 2] [--rate 10] [--folder DIR] [--without-kafka]

ARCHIVE is the folder of `replay.py` and `manifest.json`. The targets that the stack keeps are set aside and come back
at the end. The first round brings all; the second one asks for all again and must write and index nothing.
`--without-kafka`: pages go to files; MySQL and Redis are all that it takes, and the index is left out.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil

from bench.archive import targets
from bench.archive_judge import Allowed, Verdict, allowed_of, judged
from riverline.crawl.targets import target_of
from riverline.services import Services, assemble
from riverline.settings import ROOT, Settings
from riverline_commands.crawl import wait_for_commits

PATIENCE = 900.0  # seconds for a round
MEMORY = 300.0  # MiB that a crawler may take


def main(line: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("archive", type=Path)
    parser.add_argument("--faults", action="store_true", help="answers 503 and traps among the pages")
    parser.add_argument("--crawlers", type=int, default=2)
    parser.add_argument("--rate", type=float, default=10.0, help="requests a second and host")
    parser.add_argument("--hosts", type=int, default=0, help="so many of the archive's hosts; 0: all")
    parser.add_argument("--without-kafka", action="store_true", help="pages go to files")
    parser.add_argument("--folder", type=Path, help="where the logs are left")
    asked = parser.parse_args(line)
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="archive-"))
    folder.mkdir(parents=True, exist_ok=True)
    with proxies(asked.archive, folder, asked.faults) as (direct, proxy), kept(proxy, asked) as services:
        allowed = allowed_of(manifest_of(asked), direct)
        first = round_(services, folder / "first.jsonl", folder, asked, "first")
        before = {} if asked.without_kafka else documents(services.settings)
        second = round_(services, folder / "second.jsonl", folder, asked, "second", "--again")
        after = {} if asked.without_kafka else documents(services.settings)
    figures = summary(first, second, allowed, before, after, asked.rate)
    print(json.dumps(figures, indent=1, ensure_ascii=False))
    sys.exit(0 if figures["holds"] else 1)


def manifest_of(asked: argparse.Namespace) -> list[dict]:
    """The pages of as many hosts as are asked for."""
    pages = json.loads((asked.archive / "manifest.json").read_text())
    hosts = sorted({urlsplit(page["url"]).hostname or "" for page in pages})[: asked.hosts or None]
    return [page for page in pages if urlsplit(page["url"]).hostname in hosts]


@contextmanager
def proxies(archive: Path, folder: Path, faults: bool) -> Iterator[tuple[str, str]]:
    """The replay, and the relay before it: their addresses."""
    port = free_port()
    options = ["--port", str(port), *(["--faults"] if faults else [])]
    replay = subprocess.Popen([sys.executable, archive / "replay.py", *options], stdout=subprocess.PIPE)
    relay_line = ["--upstream", f"127.0.0.1:{port}", "--log", str(folder / "relay.jsonl")]
    relay = subprocess.Popen([sys.executable, "-m", "bench.relay", *relay_line], cwd=ROOT, stdout=subprocess.PIPE)
    assert replay.stdout and relay.stdout
    try:
        replay.stdout.readline()
        yield f"http://127.0.0.1:{port}", f"http://127.0.0.1:{int(relay.stdout.readline())}"
    finally:
        for process in (relay, replay):
            process.terminate()
            process.wait()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def kept(proxy: str, asked: argparse.Namespace) -> Iterator[Services]:
    """The archive's targets in the place of those that are kept."""
    services = assemble(Settings.load())
    own = [entry.target for entry in services.targets.all()]
    made = [target_of(fields) for fields in targets(manifest_of(asked), proxy, asked.rate, 1, "http://index.replay/")]
    made = [replace(target, max_pages=2_000, depth=1_000) if target.name == "index" else target for target in made]
    try:
        _instead(services, made)
        yield services
    finally:
        _instead(services, own)
        services.log.close()


def _instead(services: Services, wanted: list) -> None:
    for entry in services.targets.all():
        services.targets.remove(entry.target.name)
    for target in wanted:
        services.targets.add(target)


def round_(services: Services, log: Path, folder: Path, asked: argparse.Namespace, name: str, *more: str) -> dict:
    """A round of all targets by so many crawlers: their reports, their memory, their log, and the records written."""
    for entry in services.targets.all():
        services.targets.replace(entry.target.name, entry.target)
    relay, files = folder / "relay.jsonl", [folder / f"{name}-{number}" for number in range(asked.crawlers)]
    ends = {} if asked.without_kafka else _ends(services)
    skipped, begun = len(relay.read_text().splitlines()) if relay.exists() else 0, time.monotonic()
    command = [
        sys.executable,
        "-m",
        "riverline_commands.main",
        "crawl",
        "run",
        "--once",
        "--json",
        "--no-metrics",
        *more,
    ]
    if asked.without_kafka:
        command = [sys.executable, "-m", "tests.support.crawler", "PAGES", "--once", *more]
    environment = {**os.environ, "RIVERLINE_CRAWL__MOST_ALIKE": "200", "RIVERLINE_CRAWL__CONTACT": "bench@example.org"}
    crawlers = [_started(command, environment, file) for file in files]
    peaks = _peaks(crawlers, begun)
    seconds = time.monotonic() - begun
    records = _lines(files) if asked.without_kafka else _written(services, ends)
    log.write_text("\n".join(relay.read_text().splitlines()[skipped:]))
    reports = [json.loads(file.with_suffix(".json").read_text().splitlines()[-1]) for file in files]
    return {
        "log": [json.loads(line) for line in log.read_text().splitlines()],
        "reports": [report["total"] for report in reports],
        "traps": [report["targets"]["index"] for report in reports if "index" in report["targets"]],
        "records": records,
        "seconds": round(seconds, 1),
        "peak_mib": [round(peak, 1) for peak in peaks],
        "ended": [process.returncode for process in crawlers],
    }


def _started(command: list[str], environment: dict[str, str], file: Path) -> subprocess.Popen:
    """A crawler; what it writes stands beside `file`."""
    line = [str(file.with_suffix(".pages")) if part == "PAGES" else part for part in command]
    with file.with_suffix(".json").open("w") as out, file.with_suffix(".log").open("w") as said:
        return subprocess.Popen(line, cwd=ROOT, env=environment, stdout=out, stderr=said)


def _lines(files: list[Path]) -> int:
    return sum(len(pages.read_text().splitlines()) for file in files if (pages := file.with_suffix(".pages")).exists())


def _written(services: Services, ends: dict[tuple[str, int], int]) -> int:
    """Records since then; waits until the topology has committed them."""
    written = {place: end - ends.get(place, 0) for place, end in _ends(services).items() if end > ends.get(place, 0)}
    wait_for_commits(services.log, sorted({topic for topic, _ in written}))
    return sum(written.values())


def _peaks(crawlers: list[subprocess.Popen], begun: float) -> list[float]:
    """MiB of resident memory that each took at most, as the kernel counts it, once all have ended."""
    peaks = [0.0] * len(crawlers)
    while any(process.poll() is None for process in crawlers):
        for number, process in enumerate(crawlers):
            peaks[number] = _peak(process.pid) or peaks[number]
        if time.monotonic() - begun > PATIENCE:
            for process in crawlers:
                process.terminate()
        time.sleep(0.2)
    return peaks


def _peak(pid: int) -> float:
    try:
        text = Path(f"/proc/{pid}/status").read_text()
        return next(int(line.split()[1]) / 1024 for line in text.splitlines() if line.startswith("VmHWM"))
    except (OSError, StopIteration, psutil.Error):
        return 0.0


def _ends(services: Services) -> dict[tuple[str, int], int]:
    topics = [topic for topic in services.log.topics() if topic.startswith("crawl.")]
    return {place: end for place, (_, end) in services.log.ends(topics).items()}


def documents(settings: Settings) -> dict[str, tuple[int, int, str]]:
    """Of each document that was crawled: how Elasticsearch numbers its last write, its version, its time of crawl."""
    server = settings.elasticsearch
    found: dict[str, tuple[int, int, str]] = {}
    body = {
        "size": 1000, "sort": [{"id": "asc"}], "query": {"term": {"source": "crawl"}},
        "_source": ["crawled_at"], "seq_no_primary_term": True, "version": True,
    }  # fmt: skip
    who = (server.user, server.password)
    with httpx.Client(base_url=server.urls[0], auth=who, trust_env=False, timeout=60) as client:
        client.post("/documents/_refresh").raise_for_status()
        while hits := client.post("/documents/_search", json=body).raise_for_status().json()["hits"]["hits"]:
            found |= {hit["_id"]: (hit["_seq_no"], hit["_version"], str(hit["_source"])) for hit in hits}
            body["search_after"] = hits[-1]["sort"]
    return found


def summary(first: dict, second: dict, allowed: Allowed, before: dict, after: dict, rate: float) -> dict:
    """The figures, and whether all that was promised holds."""
    verdict: Verdict = judged(first["log"], allowed, rate)
    again = judged(second["log"], allowed, rate)
    answers = [report["answers"] for report in second["reports"]]
    unchanged = sum(each.get("not_modified", 0) + each.get("unchanged", 0) for each in answers)
    fetched = sum(report["fetched"] for report in second["reports"])
    share = unchanged / max(1, unchanged + fetched)
    touched = [name for name, place in before.items() if after.get(name) != place]
    peaks = first["peak_mib"] + second["peak_mib"]
    asked_again = [line for line in second["log"] if line["path"] != "/robots.txt"]
    return {
        "holds": verdict.holds and again.polite and share >= 0.95 and not touched and max(peaks) < MEMORY,
        "first": {**verdict.plain(), **{name: first[name] for name in ("seconds", "records", "peak_mib", "traps")}},
        "again": {
            **{name: again.plain()[name] for name in ("requests", "gaps", "gaps_below", "narrowest")},
            **{name: second[name] for name in ("seconds", "records", "peak_mib")},
            "unchanged": unchanged, "fetched": fetched, "share": round(share, 4),
            "asked_whether_changed": sum(bool(line["asks"]) for line in asked_again),
            "documents": len(before), "documents_written_again": len(touched),
        },
    }  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1:])

"""`riverline crawl` against the demo web: every page is in Kafka when it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from demo.server import running
from riverline.pipeline.contracts import topic_of
from riverline.services import Services
from riverline_crawler.targets import load_targets
from tests.integration.test_crawl import TARGETS, expected


def test_a_crawl_by_command_brings_every_page_to_kafka(
    services: Services, environment: dict[str, str], tmp_path: Path
) -> None:
    log, targets = services.log, tmp_path / "targets.json"
    with (tmp_path / "requests.jsonl").open("w") as lines, running(log=lines) as port:
        targets.write_text(TARGETS.read_text().replace("http://127.0.0.1:8090", f"http://127.0.0.1:{port}"))
        topics = [topic_of(host) for target in load_targets(targets) for host in target.allowed_hosts]
        before = {place: end for place, (_, end) in log.ends(topics).items()}
        command = [sys.executable, "-m", "riverline_commands.main", "crawl", "--targets", str(targets), "--json"]
        run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=180)
    assert run.returncode == 0, run.stderr
    ends = log.ends(topics)
    pages = [r.page for place, (_, end) in ends.items() for r in log.read(*place, before.get(place, 0), end)]
    assert {page.key for page in pages} == expected()
    assert json.loads(run.stdout)["total"]["acknowledged"] == len(pages)

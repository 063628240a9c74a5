"""A new release takes over under load without loss; one that does not become healthy gives way to the former."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from riverline.errors import Transient
from riverline.pipeline.audit import accounts
from riverline.services import Services
from riverline.settings import Settings
from riverline_stack.release import topology
from tests.support.load import Load
from tests.support.pauses import Pauses
from tests.support.stack import Told, until

RATE = 15.0  # pages a second
SETTLED = 300.0  # seconds in which the account must be balanced
BROKEN = "resources/bolts/tag.py"


@pytest.fixture
def load(services: Services) -> Iterator[Load]:
    """A steady load of pages; it flows before the test begins."""
    load = Load(services.log, f"deploy-{time.time_ns():x}", RATE, sites=2)
    load.start()
    assert until(lambda: len(load.acknowledged) > RATE, 60)
    yield load
    if load.is_alive():
        load.end()


def deployed(environment: dict[str, str], *options: str) -> tuple[int, dict[str, Any]]:
    command = [sys.executable, "-m", "riverline_commands.main", "deploy", "--json", *options]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=900)
    assert run.stdout, run.stderr
    return run.returncode, json.loads(run.stdout)


def assert_nothing_is_lost(services: Services, load: Load) -> None:
    load.end()
    assert load.acknowledged and not load.given_up

    def balanced() -> bool:
        try:
            return all(account.balanced for account in accounts(services.log, services.index, load.topics))
        except Transient:
            return False

    assert until(balanced, SETTLED), accounts(services.log, services.index, load.topics)
    urls = sorted(set(load.acknowledged))
    held = {url for at in range(0, len(urls), 500) for url in services.index.stored(urls[at : at + 500])}
    assert set(urls) - held == set()


def test_a_new_release_takes_over_under_load(
    stack: Settings, environment: dict[str, str], services: Services, load: Load
) -> None:
    pauses = Pauses(lambda: sum(services.log.committed(load.topics).values()))
    pauses.start()
    code, outcome = deployed(environment)
    assert (code, outcome["deployed"]) == (0, True), outcome
    assert outcome["release"] != outcome["former"]
    print(f"nothing was finished for {pauses.end():.1f} s while the new release took over")
    assert_nothing_is_lost(services, load)


def test_a_release_that_does_not_start_gives_way_to_the_former(
    stack: Settings, environment: dict[str, str], services: Services, load: Load, tmp_path: Path
) -> None:
    jar = broken(topology.build(stack, Told().say), tmp_path / "broken.jar")
    code, outcome = deployed(environment, "--jar", str(jar), "--within", "30")
    assert (code, outcome["deployed"]) == (1, False), outcome
    assert outcome["release"].startswith(stack.storm.topology)
    assert_nothing_is_lost(services, load)


def broken(jar: Path, target: Path) -> Path:
    """The jar with a bolt that fails as soon as it is imported."""
    with zipfile.ZipFile(jar) as source, zipfile.ZipFile(target, "w") as made:
        assert BROKEN in source.namelist()
        for name in source.namelist():
            text = b"raise RuntimeError('this release is broken')\n" if name == BROKEN else source.read(name)
            made.writestr(name, text)
    return target

"""Every block of commands of the README and of the tutorial runs as it is pasted, in order; both languages have the
same (see tests/unit/docs/test_readme.py). So does what replaces the topology by hand. Only the ports are those of the
tests' stack, and the site is a small one."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from riverline.adapters.storm.nimbus import cluster_summary
from riverline.settings import ROOT, Settings
from riverline_stack.release import topology
from riverline_stack.up import up
from tests.support.readme import at, blocks
from tests.support.small_web import html, served
from tests.support.stack import Told

BLOCKS = blocks((ROOT / "README.md").read_text())
SAID = (  # of each block, in order, what must be among what it said
    ("Riverline is up.", "on the path: source ", " passed"),
    ('"items":[{"', "filtered", '"contents":"첫 글입니다. Hello, Riverline!"'),
)
*TUTORIAL, TUTORIAL_END = blocks((ROOT / "docs/tutorial.md").read_text())
SAID_OF_TUTORIAL = (  # one after the other
    "Riverline is up.",
    " records in ",  # the account
    "1 targets",  # the report of the crawl
    '"items":[',
    "indexed",  # what became of the start page
    "example",  # in the list of targets
    "Riverline is up.",
)
BY_HAND = next(  # of the page about deploying
    block for block in blocks((ROOT / "docs/how-to/deploy.md").read_text()) if "sparse submit -e local" in block
)
# in the place of all tests, which would run this one
A_FEW_TESTS = "tests/unit/stack/supervision/test_dependency_order.py -q --numprocesses 0"


@pytest.fixture(scope="module")
def checkout(stack: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A checkout whose stack is the tests', at its own ports. Afterwards the stack, which the tutorial gives a setting,
    and the topology are the tests' own again."""
    folder = tmp_path_factory.mktemp("checkout")
    for path in ROOT.iterdir():
        (folder / path.name).symlink_to(path)
    for name in (".riverline", "config.json", "_build", "_resources"):
        (folder / name).unlink(missing_ok=True)
    (folder / ".riverline").symlink_to(stack.home)
    (folder / "config.json").write_text(topology.configuration(stack))
    (folder / ".curlrc").write_text('noproxy = "*"\nfail-with-body\n')
    yield folder
    (topology.folder(stack) / "submitted").unlink(missing_ok=True)
    up(stack, Told(), lease=os.getpid())


def environment(stack: Settings, checkout: Path) -> dict[str, str]:
    """A user's, and what makes `make` work on the tests' stack."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("RIVERLINE_", "PYTEST", "VIRTUAL", "MAKE"))
    }
    own = {"CURL_HOME": str(checkout), "STACK_LEASE": str(os.getpid()), "PYTEST": A_FEW_TESTS}
    return kept | stack.environment() | own


def addresses(stack: Settings) -> dict[str, str]:
    documented = Settings()
    return {documented.api.site: stack.api.site}


def paste(stack: Settings, checkout: Path, block: str) -> str:
    """What the block said to whoever pasted it."""
    run = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", at(addresses(stack), block)],
        cwd=checkout,
        env=environment(stack, checkout),
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert run.returncode == 0, run.stdout[-5000:] + run.stderr[-5000:]
    return run.stdout


@pytest.mark.parametrize(("block", "wanted"), list(zip(BLOCKS, SAID, strict=True)), ids=["two commands", "tour"])
def test_every_block_runs_as_it_is_pasted(stack: Settings, checkout: Path, block: str, wanted: tuple[str, ...]) -> None:
    said = paste(stack, checkout, block)
    assert [each for each in wanted if each not in said] == [], said[-5000:]


def test_a_user_is_made_as_often_as_the_block_is_pasted(stack: Settings, checkout: Path) -> None:
    block = next(block for block in BLOCKS if "/api/v1/users" in block)
    assert '"contents":' in paste(stack, checkout, block)


def test_the_tutorial_runs_in_one_shell_from_its_beginning_to_its_end(stack: Settings, checkout: Path) -> None:
    assert TUTORIAL_END == "make down", "which would end the tests' stack"
    with served({"/": html("<title>Start</title><p>start <a href=/two>two</a>"), "/two": html("<p>two")}) as site:
        own = {"https://www.example.org": site.address, "site:example.org": "site:127.0.0.1"}
        own["riverline audit"] = "riverline audit || true"  # other tests have deleted topics, and what they held
        try:
            said = paste(stack, checkout, at(own, "\n".join(TUTORIAL)))
        finally:
            paste(stack, checkout, "source .riverline/env\nriverline targets remove example")
        assert {"/", "/two"} <= set(site.paths)
    place = 0
    for wanted in SAID_OF_TUTORIAL:
        place = said.find(wanted, place) + len(wanted)
        assert place >= len(wanted), f"{wanted} in its place in: {said[-5000:]}"


def test_the_topology_is_replaced_by_hand_as_the_page_says(stack: Settings, checkout: Path) -> None:
    before = content(stack)
    line = "\n".join(["source .riverline/env", BY_HAND, "sparse list -e local", "sparse stats -e local"])
    assert "content" in paste(stack, checkout, line)
    after = content(stack)
    assert after.id != before.id and after.status == "ACTIVE"


def content(stack: Settings) -> Any:
    """What Nimbus says of the topology."""
    (found,) = cluster_summary(stack.storm.nimbus).topologies
    return found

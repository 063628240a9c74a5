"""Every block of commands of the README runs as it is pasted, in order. Both READMEs have the same ones (see
tests/unit/docs/test_readme.py). Only the ports are those of the tests' stack."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from riverline.settings import ROOT, Settings
from riverline_stack.release import topology
from tests.support.readme import at, blocks
from tests.support.stack import Told

BLOCKS = blocks((ROOT / "README.md").read_text())
SAID = (  # of each block, in order, what must be among what it said
    ("Riverline is up.", "on the path: source ", " passed"),
    ('"items":[{"', '"reason":'),
    ('"items":[]',),
    ("content",),
)
# in the place of all tests, which would run this one
A_FEW_TESTS = "tests/unit/stack/supervision/test_dependency_order.py -q --numprocesses 0"


@pytest.fixture(scope="module")
def checkout(stack: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A checkout whose stack is the tests', at its own ports. Afterwards the topology is the stack's own again."""
    folder = tmp_path_factory.mktemp("checkout")
    for path in ROOT.iterdir():
        (folder / path.name).symlink_to(path)
    for name in (".riverline", "config.json", "_build", "_resources"):
        (folder / name).unlink(missing_ok=True)
    (folder / ".riverline").symlink_to(stack.home)
    (folder / "config.json").write_text(topology.configuration(stack))
    (folder / ".curlrc").write_text('noproxy = "*"\nfail-with-body\n')
    yield folder
    jar = topology.build(stack, Told().say)
    (topology.folder(stack) / "submitted").unlink(missing_ok=True)
    topology.submit(stack, jar, Told().say)


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


def paste(stack: Settings, checkout: Path, number: int) -> str:
    """What the block said to whoever pasted it."""
    run = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", at(addresses(stack), BLOCKS[number])],
        cwd=checkout,
        env=environment(stack, checkout),
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert run.returncode == 0, run.stdout[-5000:] + run.stderr[-5000:]
    return run.stdout


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_every_block_runs_as_it_is_pasted(stack: Settings, checkout: Path, number: int) -> None:
    said = paste(stack, checkout, number)
    assert [wanted for wanted in SAID[number] if wanted not in said] == [], said[-5000:]


def test_a_user_is_made_as_often_as_the_block_is_pasted(stack: Settings, checkout: Path) -> None:
    number = next(number for number, block in enumerate(BLOCKS) if "/api/v1/users" in block)
    assert all('"items":[]' in paste(stack, checkout, number) for _ in range(2))

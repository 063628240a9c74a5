"""Who runs as root where root started the stack: as the kernel tells of every process (/proc/PID/status)."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator
from pathlib import Path

import pytest

from riverline.settings import Settings
from riverline_stack.servers import servers
from riverline_stack.supervision import processes
from riverline_stack.supervision.accounts import uid_of
from riverline_stack.up import hindrances
from tests.support.stack import until

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to give up")

# The supervisor starts programs of several accounts; the watch starts the supervisor, and the backups, which read the
# data of several.
ROOTS = {"supervisord", "watch"}
BOLTS_RUN = 180.0  # seconds after the topology was submitted


def statuses(settings: Settings) -> Iterator[tuple[str, dict[str, str]]]:
    """Program and status of every process of the stack."""
    found = processes.owned(settings.home)
    names = processes.programs_of(found, settings.home)
    for process in found:
        try:
            text = Path(f"/proc/{process.pid}/status").read_text()
        except OSError:  # it ended meanwhile
            continue
        yield names[process.pid], dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)


@pytest.fixture(scope="module")
def settings(stack: Settings) -> Settings:
    if why := hindrances(servers.programs(stack)):
        pytest.skip("; ".join(why))
    return stack


def test_only_the_supervisor_and_its_watch_run_as_root(settings: Settings) -> None:
    assert {name for name, status in statuses(settings) if "0" in status["Uid"].split()} == ROOTS


def test_who_does_not_run_as_root_has_no_rights_and_gets_none(settings: Settings) -> None:
    seen = [(name, status) for name, status in statuses(settings) if name not in ROOTS]
    assert {program.name for program in servers.programs(settings)} == {name for name, _ in seen}
    assert {name for name, status in seen if status["NoNewPrivs"] != "1"} == set()
    kinds = ("CapEff", "CapPrm", "CapInh", "CapAmb")
    assert {name for name, status in seen if any(int(status[kind], 16) for kind in kinds)} == set()


def test_each_program_runs_as_its_own_account(settings: Settings) -> None:
    wanted = {program.name: uid_of(program.account) for program in servers.programs(settings)}
    seen = {(name, int(number)) for name, status in statuses(settings) for number in status["Uid"].split()}
    assert {(name, uid) for name, uid in seen if name not in ROOTS} == set(wanted.items())
    assert pwd.getpwnam("nobody").pw_uid not in wanted.values()


def test_bolts_run_which_parse_pages(settings: Settings) -> None:
    """Storm's workers with their bolts are children of its supervisor: the tests above see them."""

    def found() -> int:
        names = [status["Name"] for name, status in statuses(settings) if name == "storm-supervisor"]
        return sum("streamparse" in name for name in names)

    assert until(lambda: found() > 4, BOLTS_RUN)
    test_who_does_not_run_as_root_has_no_rights_and_gets_none(settings)

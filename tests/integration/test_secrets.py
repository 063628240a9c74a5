"""No secret of the stack stands where others can read it: in arguments of processes, logs, Storm's configuration."""

from __future__ import annotations

import contextlib
import json
import stat
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from riverline.adapters.storm.nimbus import nimbus_client
from riverline.settings import ROOT, Settings
from riverline_stack.release import releases
from tests.support.other_account import as_other_account, readable

SHORT = 12  # characters: what is shorter is no secret that one could look for


@pytest.fixture
def secrets(stack: Settings) -> dict[str, bytes]:
    """The stack's passwords and keys by name."""
    found = {path.name: path.read_bytes().strip() for path in (stack.home / "secrets").iterdir() if path.is_file()}
    assert found and all(len(secret) >= SHORT for secret in found.values())
    return found


def betrayed(secrets: dict[str, bytes], places: Iterator[tuple[str, bytes]]) -> list[str]:
    """Where a secret stands, and which."""
    return [f"{name} in {place}" for place, text in places for name, secret in secrets.items() if secret in text]


def command_lines() -> Iterator[tuple[str, bytes]]:
    for process in psutil.process_iter():
        try:
            yield f"the arguments of process {process.pid}", "\0".join(process.cmdline()).encode()
        except psutil.Error:
            continue


def files(*folders: Path) -> Iterator[tuple[str, bytes]]:
    for folder in folders:
        for path in folder.rglob("*"):
            with contextlib.suppress(FileNotFoundError):  # a server has removed it meanwhile
                if path.is_file():
                    yield str(path), path.read_bytes()


def test_no_process_has_a_secret_in_its_arguments(secrets: dict[str, bytes]) -> None:
    assert betrayed(secrets, command_lines()) == []


def test_no_log_has_a_secret(stack: Settings, secrets: dict[str, bytes]) -> None:
    logs = [stack.home / "logs", stack.home / "storm" / "logs", stack.home / "storm" / "workers-artifacts"]
    assert betrayed(secrets, files(*logs)) == []


def test_storms_configuration_has_no_secret(stack: Settings, secrets: dict[str, bytes]) -> None:
    with nimbus_client(stack.storm.nimbus, 30) as nimbus:
        cluster = nimbus.getNimbusConf().encode()
        topologies = [nimbus.getTopologyConf(each.id).encode() for each in nimbus.getClusterInfo().topologies]
    places = [("Nimbus' configuration", cluster), *(("a topology's configuration", each) for each in topologies)]
    assert topologies and betrayed(secrets, iter(places)) == []


def test_the_jar_has_no_secret(stack: Settings, secrets: dict[str, bytes]) -> None:
    release = releases.keep(stack)
    assert release
    places = [(path.name, path.read_bytes()) for path in release.folder.iterdir()]
    assert betrayed(secrets, iter(places)) == []


def test_the_projects_own_configuration_has_no_secret(secrets: dict[str, bytes]) -> None:
    tree = json.loads((ROOT / "config.json").read_text())
    assert [name for environment in tree["envs"].values() for name in environment if "password" in name] == []
    assert betrayed(secrets, files(ROOT / "ops")) == []


def test_what_holds_secrets_is_for_its_owner_alone(stack: Settings, secrets: dict[str, bytes]) -> None:
    open_to_others = []
    for folder in ("secrets", "run", "mysql", "redis", "storm", "nginx", "kafka"):
        for path in (stack.home / folder).rglob("*"):
            if not path.is_file() or not _text(path):
                continue
            if any(secret in path.read_bytes() for secret in secrets.values()) and _readable_by_others(
                path, stack.home
            ):
                open_to_others.append(str(path))
    assert open_to_others == []


def _holds_any(path: Path, secrets: dict[str, bytes]) -> bool:
    if not path.is_file() or not _text(path):
        return False
    text = path.read_bytes()
    return any(secret in text for secret in secrets.values())


def _text(path: Path) -> bool:
    return path.stat().st_size < 1 << 20 and path.suffix not in (".ibd", ".frm", ".jar")


def _readable_by_others(path: Path, home: Path) -> bool:
    """Whether another user could open it: the file, and every folder from the home to it, let others in."""
    if not path.stat().st_mode & stat.S_IROTH:
        return False
    way = [parent for parent in path.parents if parent == home or home in parent.parents]
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in way)


def test_another_account_reads_no_file_of_the_stack(stack: Settings) -> None:
    """Neither by looking nor by the names that it knows: data, logs, queues, configuration."""
    assert readable(stack.home) == []
    open_to_all = [stack.home / name for name in ("guide", "guide.version", "session")]  # pages, a digest, a lock
    known = [path for path in stack.home.rglob("*") if path.is_file() and not {path, *path.parents} & {*open_to_all}]
    assert len(known) > 100
    told = as_other_account(["sh", "-c", 'for f; do [ -r "$f" ] && echo "$f"; done', "sh", *map(str, known[:5000])])
    assert told.splitlines() == []

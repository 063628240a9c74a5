"""Outages that last: servers that are stopped, frozen, out of disk or of memory, or whose clock is wrong.

Each is a context: the servers are in trouble inside of it, and have what they need when it ends.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from riverline.settings import Settings
from riverline_stack.servers import redis_servers, servers
from riverline_stack.supervision import processes
from riverline_stack.supervision.lifecycle import reason
from riverline_stack.supervision.supervise import Supervisor, run_folder
from tests.support.away import full_memory, silent, start, stopped
from tests.support.clock import Clock
from tests.support.elastic import elastic
from tests.support.stack import until

Outage = Callable[[Settings], AbstractContextManager[None]]

ELASTICSEARCH = ("elasticsearch",)
REDIS = (*(f"redis-{number}" for number in range(1, 7)), "redis-celery")
MARIADB = ("mysql-primary", "mysql-replica")
COORDINATORS = ("zookeeper", "storm-nimbus")
JUMP, BACK = 3600, 75  # seconds: how far the clock jumps, and how long programs run after it went back
SMALL = 96 << 20  # bytes beyond what a server has written when its small disk is made
ENDED = 30.0  # seconds in which a stopped server lets go of its files
READY = 240.0  # seconds in which all programs must be ready again


def whole(settings: Settings) -> bool:
    """Whether every program of the stack is ready."""
    return all(reason(program.ready) is None for program in servers.programs(settings))


def away(*names: str) -> Outage:
    return lambda settings: stopped(settings, names)


def frozen(*names: str) -> Outage:
    return lambda settings: silent(settings, names)


def folder_of(settings: Settings, name: str) -> Path:
    """Where a server's data are."""
    kind, _, number = name.partition("-")
    return settings.home / {"elasticsearch": "elasticsearch/data"}.get(name, f"{kind}/{number}")


@contextlib.contextmanager
def _small_disk(settings: Settings, name: str) -> Iterator[Path]:
    """A server's data on a file system of their own with little room, and back again afterwards."""
    folder, supervisor = folder_of(settings, name), Supervisor(settings)
    image = settings.home / f"{name}.disk"
    supervisor.stop(name)
    with image.open("wb") as file:
        file.truncate(_bytes_of(folder) * 2 + SMALL)
    _run("mkfs.ext4", "-q", "-m", "0", str(image))
    kept = folder.with_name(f"{folder.name}.kept")
    folder.rename(kept)
    folder.mkdir()
    _run("mount", "-o", "loop", str(image), str(folder))
    try:
        _run("cp", "-a", f"{kept}/.", str(folder))
        shutil.rmtree(kept)
        start(settings, name)
        assert until(lambda: whole(settings), READY), f"{name} does not run on its small disk"
        yield folder
    finally:
        supervisor.stop(name)
        _run("cp", "-a", str(folder), str(kept))
        assert until(lambda: _unmounted(folder), ENDED), f"something still uses {folder}"
        folder.rmdir()
        kept.rename(folder)
        image.unlink()
        shutil.rmtree(folder / "lost+found", ignore_errors=True)
        start(settings, name)


def _bytes_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _unmounted(folder: Path) -> bool:
    return subprocess.run(["umount", str(folder)], capture_output=True).returncode == 0


def _run(*command: str) -> None:
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, (command, run.stderr)


def disk_full(name: str) -> Outage:
    """Somebody fills the disk that a server writes on, to the last byte."""

    @contextlib.contextmanager
    def outage(settings: Settings) -> Iterator[None]:
        with _small_disk(settings, name) as folder:
            filler = folder / "filler"
            try:
                _fill(filler)
                yield
            finally:
                filler.unlink(missing_ok=True)
                start(settings, name)
                assert until(lambda: whole(settings), READY), f"{name} does not come back on a disk with room"

    return outage


def _fill(filler: Path) -> None:
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        for size in (1 << 20, 4096, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(b"\0" * size)


@contextlib.contextmanager
def flood_stage(settings: Settings) -> Iterator[None]:
    """Elasticsearch above its flood-stage watermark: it makes its indices read-only until there is room again."""
    path = "/_cluster/settings"
    prefix = "cluster.routing.allocation.disk"
    marks = dict.fromkeys((f"{prefix}.watermark.{stage}" for stage in ("low", "high", "flood_stage")), "32mb")
    watch = {"cluster.info.update.interval": "10s", f"{prefix}.threshold_enabled": True, **marks}
    with _small_disk(settings, "elasticsearch") as folder, elastic(settings, 60) as client:
        filler = folder / "filler"
        try:
            client.put(path, json={"persistent": watch}).raise_for_status()
            room = shutil.disk_usage(folder).free - (20 << 20)
            filler.write_bytes(b"\0" * room)
            assert until(lambda: "read_only_allow_delete" in _blocks(settings), 60), "no index became read-only"
            yield
        finally:
            filler.unlink(missing_ok=True)
            assert until(lambda: "read_only_allow_delete" not in _blocks(settings), 60), "the indices stay read-only"
            client.put(path, json={"persistent": dict.fromkeys(watch)}).raise_for_status()


def _blocks(settings: Settings) -> str:
    with elastic(settings) as client:
        return client.get("/_all/_settings/index.blocks*").text


def memory_full(settings: Settings) -> AbstractContextManager[None]:
    """Every Redis holds as much as it may, and refuses what would make it more."""
    return full_memory(settings, (*settings.redis.nodes, settings.celery.broker))


@contextlib.contextmanager
def clock_jump(settings: Settings) -> Iterator[None]:
    """The wall clock of every program goes an hour ahead, and back again at the end."""
    clock = Clock()
    try:
        with _environment(settings, clock.environment):
            clock.set(JUMP)
            assert until(lambda: _ahead(settings) > JUMP / 2, 10), "the clocks of the servers did not jump"
            try:
                yield
            finally:
                clock.set(0)
                time.sleep(BACK)  # what ran in the future goes on in the past
    finally:
        clock.end()


def _ahead(settings: Settings) -> float:
    """Seconds that a server's wall clock is ahead of this process's: the least of one in Java and one in C."""
    with elastic(settings) as client:
        nodes = client.get("/_nodes/stats/os").json()["nodes"]
    with redis_servers.administering(settings, settings.celery.broker) as server:
        times = [server.time()[0], *(node["timestamp"] / 1000 for node in nodes.values())]
    return float(min(times)) - time.time()


@contextlib.contextmanager
def _environment(settings: Settings, more: dict[str, str]) -> Iterator[None]:
    """Every program of the stack, started anew with more in its environment; and without, afterwards."""
    folder, programs = run_folder(settings), servers.programs(settings)
    specs = {program.name: (folder / f"{program.name}.json").read_text() for program in programs}
    try:
        for name, text in specs.items():
            spec = json.loads(text)
            spec["environment"] |= more
            (folder / f"{name}.json").write_text(json.dumps(spec))
        _restart(settings)
        yield
    finally:
        for name, text in specs.items():
            (folder / f"{name}.json").write_text(text)
        _restart(settings)


def _restart(settings: Settings) -> None:
    """Everything at once, Storm's workers too: what waits for others is started again until it finds them."""
    supervisor, names = Supervisor(settings), [program.name for program in servers.programs(settings)]
    for name in names:
        supervisor.kill(name)
    processes.end([process for name in names for process in processes.owned(settings.home, name)])
    for name in names:
        start(settings, name)

    def all_ready() -> bool:
        start(settings, *names)
        return whole(settings)

    assert until(all_ready, READY), "the stack did not come back"


def both(*outages: Outage) -> Outage:
    """Several at once."""

    @contextlib.contextmanager
    def outage(settings: Settings) -> Iterator[None]:
        with contextlib.ExitStack() as stack:
            for one in outages:
                stack.enter_context(one(settings))
            yield

    return outage


def _pairs() -> Iterator[tuple[str, tuple[str, ...]]]:
    for one, other in ((1, 2), (2, 3), (1, 3)):
        yield f"brokers {one} and {other}", (f"kafka-{one}", f"kafka-{other}")


SERVERS: dict[str, tuple[str, ...]] = {
    "Elasticsearch": ELASTICSEARCH,
    **dict(_pairs()),
    "all of Redis": REDIS,
    "MariaDB": MARIADB,
    "ZooKeeper and Nimbus": COORDINATORS,
}
ALL: dict[str, Outage] = {
    **{f"{name} away": away(*names) for name, names in SERVERS.items()},
    **{f"{name} frozen": frozen(*names) for name, names in SERVERS.items()},
    "Elasticsearch and all of Redis away": away(*ELASTICSEARCH, *REDIS),
    "brokers 1 and 2 away, MariaDB frozen": both(away("kafka-1", "kafka-2"), frozen(*MARIADB)),
    "Elasticsearch frozen, ZooKeeper and Nimbus away": both(frozen(*ELASTICSEARCH), away(*COORDINATORS)),
    "the disk of broker 2 full": disk_full("kafka-2"),
    "the disk of Elasticsearch full": disk_full("elasticsearch"),
    "Elasticsearch read-only (flood stage)": flood_stage,
    "the disk of MariaDB's primary full": disk_full("mysql-primary"),
    "the disk of a Redis node full (AOF)": disk_full("redis-1"),
    "the disk of Celery's Redis full (AOF)": disk_full("redis-celery"),
    "all of Redis at its memory's limit": memory_full,
    "every clock an hour ahead, and back": clock_jump,
}
ROOT_ONLY = ("disk", "flood stage")
SHORT = ("Elasticsearch away",)

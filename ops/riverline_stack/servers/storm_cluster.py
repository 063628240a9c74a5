"""Storm on this machine: ZooKeeper, Nimbus, a supervisor with four slots, and the UI where the distribution has it."""

from __future__ import annotations

import os
import socket
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import psutil

from riverline.adapters.storm.nimbus import cluster_summary
from riverline.errors import Transient
from riverline.settings import Settings, Stack, Storm
from riverline_stack.files import write
from riverline_stack.servers import dead_workers, virtualenv
from riverline_stack.servers.addresses import free_address, host_of, is_on_loopback, port_of
from riverline_stack.servers.cache import held
from riverline_stack.servers.java.class_archive import archive_file, archive_options, keep, training
from riverline_stack.servers.java.command_line import SMALL, Java, heap, java_home
from riverline_stack.servers.java.jars import Say
from riverline_stack.servers.storm_conf import (
    artifacts,
    hosts,
    local,
    own_host,
    slots,
    storm_folder,
    storm_yaml,
    supervisor_address,
    workers,
    zoo_cfg,
)
from riverline_stack.servers.storm_home import SOURCES, distribution, home_folder, install_home, transport_jar
from riverline_stack.servers.virtualenv import passwords, sources
from riverline_stack.supervision.accounts import API, MONITOR, STORM
from riverline_stack.supervision.program import Program, listening

ZOOKEEPER_MAIN = "org.apache.storm.shade.org.apache.zookeeper.server.quorum.QuorumPeerMain"
ZOOKEEPER, NIMBUS = "zookeeper", "storm-nimbus"
NIMBUS_MAIN = "org.apache.storm.daemon.nimbus.Nimbus"
SUPERVISOR = "storm-supervisor"
SUPERVISOR_MAIN = "org.apache.storm.daemon.supervisor.Supervisor"
OWN_CONNECTIONS = {"zookeeper.serverCnxnFactory": "riverline.storm.OwnConnections"}
UI_MAIN = "org.apache.storm.daemon.ui.UIServer"
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"  # the same from every shell


def install(settings: Settings, say: Say) -> None:
    """Fetch and put together what the daemons run from, and archive their classes; what there is already stays."""
    cache = settings.stack.cache
    with held(cache):
        install_home(cache, say)
        if distribution() is None:
            keep(_archive(cache, ZOOKEEPER), "Storm", lambda: _train(cache), say)


def programs(settings: Settings) -> list[Program]:
    """ZooKeeper, then Nimbus, then the supervisor and the UI. Their configuration is written anew."""
    _render(settings)
    ui = [_ui(settings)] if has_ui(settings) else []
    return [_zookeeper(settings), _nimbus(settings), _supervisor(settings), *ui]


def has_ui(settings: Settings) -> bool:
    """Whether the distribution has Storm's UI."""
    return (storm_home(settings) / "lib-webapp").is_dir()


def has_state(settings: Settings) -> bool:
    """Whether Storm ran in this home: then it may start again what was submitted."""
    return any((settings.home / "zookeeper" / "data").glob("*"))


def storm_home(settings: Settings) -> Path:
    """Where Storm's jars are: what STORM_HOME is for the `storm` command."""
    return home_folder(settings.stack.cache)


def tools(settings: Settings) -> Path:
    """The folder of the `storm` command that streamparse calls."""
    return SOURCES


def worker_pids(settings: Settings) -> list[int]:
    """The processes of all workers of this stack: their virtual machines, log writers, and all that they started.

    They outlive the supervisor, by Storm's design; who stops the stack stops them too.
    """
    mark = f"-Dworkers.artifacts={artifacts(settings)}"
    found: dict[int, psutil.Process] = {}
    for process in psutil.process_iter():
        try:
            if mark in process.cmdline():
                found |= {each.pid: each for each in (process, *process.children(recursive=True))}
        except psutil.Error:  # it ended meanwhile
            continue
    return sorted(found)


def _render(settings: Settings) -> None:
    folder, zookeeper = storm_folder(settings), settings.home / "zookeeper"
    for path in (folder / "conf", folder / "logs", zookeeper / "data"):
        path.mkdir(parents=True, exist_ok=True)
    write(folder / "conf" / "storm.yaml", storm_yaml(settings, log4j2=SOURCES))
    write(_hosts(settings), hosts(socket.gethostname()))
    write(zookeeper / "zoo.cfg", zoo_cfg(settings, zookeeper / "data"))


def _own(settings: Settings) -> tuple[Path, ...]:
    """What Storm's daemons and workers write, and their configuration."""
    folder = storm_folder(settings)
    return folder / "conf", local(settings), folder / "logs", artifacts(settings)


def _reads(settings: Settings) -> tuple[Path, ...]:
    return *sources(settings), storm_home(settings), java_home()


def _hosts(settings: Settings) -> Path:
    return storm_folder(settings) / "conf" / "hosts"


def _java(
    settings: Settings, main: str, name: str, memory: tuple[str, ...], *arguments: str, libraries: tuple[str, ...] = ()
) -> Java:
    home, folder = storm_home(settings), storm_folder(settings)
    properties = {
        "daemon.name": name,
        "storm.home": str(home),
        "storm.log.dir": str(folder / "logs"),
        "storm.conf.file": str(folder / "conf" / "storm.yaml"),
        "log4j2.configurationFile": str(SOURCES / "cluster.xml"),
        "java.net.preferIPv4Stack": "true",
    }
    if is_on_loopback(settings.storm.zookeeper, settings.storm.nimbus):  # so that no names of others are needed
        properties["jdk.net.hosts.file"] = str(_hosts(settings))
    jars = [*(str(home / library / "*") for library in (*libraries, "lib")), str(transport_jar(settings.stack.cache))]
    return Java(main, ":".join(jars), (*memory, *SMALL), properties, arguments)


def _daemons(settings: Settings) -> dict[str, Java]:
    """Those that start before any topology does: each has an archive of its classes."""
    configuration = settings.home / "zookeeper" / "zoo.cfg"
    zookeeper = _java(settings, ZOOKEEPER_MAIN, "zookeeper", heap(48, 96, 24), str(configuration))
    nimbus = _java(settings, NIMBUS_MAIN, "nimbus", heap(96, 192, 48))
    return {
        ZOOKEEPER: replace(zookeeper, properties={**zookeeper.properties, **OWN_CONNECTIONS}),
        NIMBUS: replace(nimbus, properties={**nimbus.properties, **_guests()}),
        SUPERVISOR: _java(settings, SUPERVISOR_MAIN, "supervisor", heap(64, 128, 32)),
    }


def _command(settings: Settings, name: str) -> list[str]:
    return _daemons(settings)[name].command(archive_options(_archive(settings.stack.cache, name)))


def _archive(cache: Path, name: str) -> Path:
    """Of these transports: they are on the class path, which the archive fits alone."""
    return archive_file(cache, f"{transport_jar(cache).stem}-{name}")


def _train(cache: Path) -> None:
    """Run the daemons, once, in a scratch folder, and archive the classes that they have loaded. ZooKeeper's is kept
    last: with it all are there."""
    with tempfile.TemporaryDirectory(prefix="riverline-storm-") as scratch:
        settings = Settings(
            home=Path(scratch),
            storm=Storm(zookeeper=free_address(), nimbus=free_address()),
            stack=Stack(cache=cache),
        )
        _render(settings)
        ready = {
            ZOOKEEPER: _imok(settings.storm.zookeeper),
            NIMBUS: _leading(settings),
            SUPERVISOR: _supervising(settings),
        }
        with ExitStack() as running:
            for name, java in _daemons(settings).items():
                running.enter_context(training(java, _archive(cache, name), ready[name], settings.home))


def _zookeeper(settings: Settings) -> Program:
    folder = settings.home / "zookeeper"
    return Program(
        name=ZOOKEEPER,
        command=_command(settings, ZOOKEEPER),
        ready=_imok(settings.storm.zookeeper),
        directory=folder,
        account=STORM,
        own=(folder,),
        reads=_reads(settings),
        addresses=(settings.storm.zookeeper,),
        stop_seconds=10,
    )


def _nimbus(settings: Settings) -> Program:
    return Program(
        name=NIMBUS,
        command=_command(settings, NIMBUS),
        ready=_leading(settings),
        directory=storm_folder(settings),
        account=STORM,
        own=_own(settings),
        reads=_reads(settings),
        addresses=(settings.storm.nimbus,),
        after=(ZOOKEEPER,),
        stop_seconds=10,
    )


def _guests() -> dict[str, str]:
    """Who asks Nimbus how it is beside root and Nimbus' own account, where these programs have accounts."""
    return {"riverline.guests": f"{API},{MONITOR}"} if os.geteuid() == 0 else {}


def _supervisor(settings: Settings) -> Program:
    """It starts the workers, so its environment is theirs: their virtualenv's programs come first."""
    home, programs = storm_folder(settings), virtualenv.folder(settings) / "bin"
    return Program(
        name=SUPERVISOR,
        command=[sys.executable, "-m", dead_workers.__name__, str(workers(settings)), *_command(settings, SUPERVISOR)],
        ready=_supervising(settings),
        directory=home,
        environment={
            "PATH": f"{programs}:{java_home() / 'bin'}:{SYSTEM_PATH}",
            "STORM_CONF_DIR": str(home / "conf"),
            "STORM_EXT_CLASSPATH": str(transport_jar(settings.stack.cache)),
        },
        account=STORM,
        own=(*_own(settings), settings.state),
        reads=(*_reads(settings), programs.parent, *passwords(settings)),
        addresses=(supervisor_address(settings), *slots(settings)),
        after=(ZOOKEEPER,),
        stop_seconds=10,
        leaves_children=True,
    )


def _ui(settings: Settings) -> Program:
    java = _java(settings, UI_MAIN, "ui", heap(96, 192, 48), libraries=("lib-webapp",))
    return Program(
        name="storm-ui",
        command=java.command(),
        ready=listening(settings.storm.ui),
        directory=storm_folder(settings),
        account=STORM,
        own=_own(settings),
        reads=_reads(settings),
        addresses=(settings.storm.ui,),
        after=(NIMBUS,),
        stop_seconds=10,
    )


def _imok(address: str) -> Callable[[], None]:
    """Ready when ZooKeeper says that it is."""

    def check() -> None:
        try:
            with socket.create_connection((host_of(address), port_of(address)), timeout=2) as connection:
                connection.sendall(b"ruok")
                answer = connection.recv(4)
        except OSError as error:
            raise Transient(f"ZooKeeper does not answer at {address}: {error}") from error
        if answer != b"imok":
            raise Transient(f"ZooKeeper at {address} is not ready")

    return check


def _leading(settings: Settings) -> Callable[[], None]:
    """Ready when Nimbus answers and leads."""

    def check() -> None:
        if not any(nimbus.isLeader for nimbus in cluster_summary(settings.storm.nimbus).nimbuses or []):
            raise Transient("Nimbus does not lead yet")

    return check


def _supervising(settings: Settings) -> Callable[[], None]:
    """Ready when the supervisor answers, and Nimbus counts on it."""
    answering = listening(supervisor_address(settings))

    def check() -> None:
        answering()
        known = cluster_summary(settings.storm.nimbus).supervisors or []
        if all(each.host != own_host(settings) for each in known):
            raise Transient("Nimbus does not know of this supervisor yet")

    return check

"""Configuration of Storm's daemons: storm.yaml and ZooKeeper's zoo.cfg. Pure: settings in, text out."""

from __future__ import annotations

import json
from pathlib import Path

from riverline.settings import Settings
from riverline_stack.servers.addresses import host_of, port_of
from riverline_stack.servers.java.command_line import STILL, heap

SUPERVISOR_THRIFT = 1  # the supervisor's own Thrift port is that many above Nimbus'
SLOTS = (73, 74, 75, 76)  # and the workers' ports these many
HEAP_MB = 64  # of a worker for each executor in it: Storm adds them up, and the worker has at most the sum
YOUNG_MB = 40
ZOOKEEPER_SESSION_MS = 10_000  # a dead Nimbus' successor waits that long for its lock


def storm_folder(settings: Settings) -> Path:
    """The daemons' configuration, state and workers' logs."""
    return settings.home / "storm"


def artifacts(settings: Settings) -> Path:
    """Workers' logs: TOPOLOGY/PORT/worker.log."""
    return storm_folder(settings) / "workers-artifacts"


def workers(settings: Settings) -> Path:
    """What the supervisor knows of each worker: ID/heartbeats, ID/pids."""
    return local(settings) / "workers"


def local(settings: Settings) -> Path:
    """The daemons' own state."""
    return storm_folder(settings) / "local"


def supervisor_address(settings: Settings) -> str:
    return _here(settings, SUPERVISOR_THRIFT)


def slots(settings: Settings) -> list[str]:
    """The addresses that workers listen on."""
    return [_here(settings, offset) for offset in SLOTS]


def own_host(settings: Settings) -> str:
    """The address by which the cluster reaches this host's daemons and workers."""
    return settings.stack.host or host_of(settings.storm.nimbus)


def _here(settings: Settings, offset: int) -> str:
    return f"{own_host(settings)}:{port_of(settings.storm.nimbus) + offset}"


def storm_yaml(settings: Settings, log4j2: Path) -> str:
    """The configuration of all daemons and workers. JSON, which YAML includes."""
    pace = {**PACE, **_many(settings)}
    configuration = {**_cluster(settings), **_folders(settings, log4j2), **_workers(), **pace, **TRANSPORTS}
    return json.dumps(configuration, indent=2) + "\n"


def zoo_cfg(settings: Settings, data: Path) -> str:
    """ZooKeeper alone, on its own address, its old snapshots removed."""
    return (
        f"dataDir={data}\nclientPort={port_of(settings.storm.zookeeper)}\n"
        f"clientPortAddress={host_of(settings.storm.zookeeper)}\ntickTime=2000\nmaxClientCnxns=0\n"
        "admin.enableServer=false\n4lw.commands.whitelist=ruok,srvr\n"
        "autopurge.snapRetainCount=3\nautopurge.purgeInterval=1\n"
    )


def hosts(name: str) -> str:
    """What Storm's daemons know of names, as in /etc/hosts: Nimbus does not start on a machine whose own name it cannot
    resolve, though it has an address (`storm.local.hostname`) and uses no other."""
    return f"127.0.0.1 localhost {name}\n"


def _cluster(settings: Settings) -> dict[str, object]:
    storm = settings.storm
    return {
        "storm.zookeeper.servers": [host_of(storm.zookeeper)],
        "storm.zookeeper.port": port_of(storm.zookeeper),
        "storm.zookeeper.session.timeout": ZOOKEEPER_SESSION_MS,
        "storm.local.hostname": own_host(settings),
        "nimbus.seeds": [host_of(storm.nimbus)],
        "nimbus.thrift.port": port_of(storm.nimbus),
        "nimbus.thrift.threads": 16,
        "supervisor.thrift.port": port_of(supervisor_address(settings)),
        "supervisor.thrift.threads": 4,
        "supervisor.slots.ports": [port_of(address) for address in slots(settings)],
        "ui.host": host_of(storm.ui),
        "ui.port": port_of(storm.ui),
    }


def _folders(settings: Settings, log4j2: Path) -> dict[str, object]:
    return {
        "storm.local.dir": str(local(settings)),
        "storm.log.dir": str(storm_folder(settings) / "logs"),
        "storm.workers.artifacts.dir": str(artifacts(settings)),
        "storm.metricstore.rocksdb.location": str(local(settings) / "metrics"),
        "storm.log4j2.conf.dir": str(log4j2),
    }


def _workers() -> dict[str, object]:
    options = (*heap(HEAP_MB, "%HEAP-MEM%", YOUNG_MB), *STILL, "-XX:+UseSerialGC", "-Djava.net.preferIPv4Stack=true")
    return {
        "topology.component.resources.onheap.memory.mb": HEAP_MB,
        "topology.acker.resources.onheap.memory.mb": HEAP_MB,
        "worker.childopts": " ".join(options),
        "worker.metrics": {},  # only of control groups, which this stack does not use
        "topology.worker.logwriter.childopts": f"-Xmx32m {' '.join(STILL)} -XX:+UseSerialGC -XX:TieredStopAtLevel=1",
    }


# Sooner than by default, for a cluster of one machine: assignments, restarts and statistics are seen within seconds.
PACE: dict[str, object] = {
    "executor.metrics.frequency.secs": 5,
    "nimbus.monitor.freq.secs": 6,  # between rounds that look for what has died: a worker is started anew without
    "nimbus.assignments.service.threads": 1,  # each looks ten times a second for news for a supervisor, of which one is
    "supervisor.monitor.frequency.secs": 1,
    "supervisor.worker.start.timeout.secs": 240,  # a worker on a busy machine needs minutes; a kill begins them anew
    "nimbus.task.launch.secs": 240,
    "supervisor.heartbeat.frequency.secs": 5,
    "worker.heartbeat.frequency.secs": 5,  # a worker that ends is seen without; one that hangs has 30 s
    "supervisor.worker.shutdown.sleep.secs": 1,
    # Storm sets a supervisor aside that was silent or lost a worker in three rounds of the last 300 s. With rounds of
    # 6 s that is a moment of load, and there is no other supervisor: more rounds than 300 s have means never.
    "blacklist.scheduler.tolerance.count": 1000,
}


# Where there may be more than one supervisor. Nimbus takes a worker for alive while its last word is younger than
# nimbus.task.timeout.secs, **or** its assignment younger than nimbus.task.launch.secs: with 240 s of these, a host that
# dies within the first four minutes of an assignment is not missed before they are over.
MANY: dict[str, object] = {
    "nimbus.assignments.service.threads": 10,  # a supervisor that is away holds up one
    "nimbus.task.launch.secs": 30,  # a worker says its first word before its Python processes start, 6 s after it was
    # assigned on two cores at load 20
    "nimbus.task.timeout.secs": 24,  # of words that come every 5 s; then a round of 6 s. A worker that its supervisor
    # starts again says its next word after 20 s on two busy cores: sooner, it would go to another host
}


def _many(settings: Settings) -> dict[str, object]:
    return MANY if settings.stack.host else {}


# Storm has no setting for the addresses that these listen on; our own classes keep them to `storm.local.hostname`.
TRANSPORTS: dict[str, object] = {
    "storm.thrift.transport": "riverline.storm.HostTransport",
    "storm.messaging.transport": "riverline.storm.HostContext",
}

"""What can happen to a running stack, each as one function of its settings. All of them mend themselves."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator

import psutil
from streamparse.thrift import RebalanceOptions

from riverline.adapters.storm.nimbus import nimbus_client
from riverline.settings import Settings
from riverline_stack.release import topology
from riverline_stack.servers import storm_cluster
from riverline_stack.supervision.processes import Recorded
from tests.support.elastic import elastic
from tests.support.stack import awaited

Fault = Callable[[Settings], None]
SUSPENDED = 40.0  # seconds


def component(settings: Settings, cls: str) -> psutil.Process:
    """The Python process of a spout or bolt; waits until Storm has it running."""

    def found() -> psutil.Process | None:
        for pid in storm_cluster.worker_pids(settings):
            with contextlib.suppress(psutil.Error):
                process = psutil.Process(pid)
                command = " ".join(process.cmdline())
                if cls in command and "streamparse_run" in command:
                    return process
        return None

    return awaited(found, 120)


def virtual_machine(settings: Settings) -> psutil.Process:
    """A worker's JVM."""

    def found() -> psutil.Process | None:
        for pid in storm_cluster.worker_pids(settings):
            with contextlib.suppress(psutil.Error):
                process = psutil.Process(pid)
                if "org.apache.storm.daemon.worker.Worker" in process.cmdline():
                    return process
        return None

    return awaited(found, 120)


def program(settings: Settings, name: str) -> psutil.Process:
    """The main process of a program of the stack."""

    def found() -> psutil.Process | None:
        recorded = Recorded.read(settings.home, name)
        return recorded.process() if recorded else None

    return awaited(found, 120)


def kill_component(cls: str) -> Fault:
    return lambda settings: component(settings, cls).kill()


def kill_worker(settings: Settings) -> None:
    virtual_machine(settings).kill()


def kill_program(name: str) -> Fault:
    return lambda settings: program(settings, name).kill()


@contextlib.contextmanager
def suspended(process: psutil.Process) -> Iterator[None]:
    os.kill(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGCONT)


def suspend(choose: Callable[[Settings], psutil.Process]) -> Fault:
    """SIGSTOP for 40 s: alive by all appearances, and silent."""

    def fault(settings: Settings) -> None:
        with suspended(choose(settings)):
            time.sleep(SUSPENDED)

    return fault


def overload_index(settings: Settings) -> None:
    """Bulks of others fill Elasticsearch's memory for what it indexes, until it answers 429."""
    refused = threading.Event()
    line = b'{"index":{"_index":"chaos-overload"}}\n{"text":"' + b"x" * 100_000 + b'"}\n'
    body, ends = line * 90, time.monotonic() + 15

    def push() -> None:
        with elastic(settings, 60) as client:
            while time.monotonic() < ends:
                answer = client.post("/_bulk", content=body, headers={"content-type": "application/x-ndjson"})
                if answer.status_code == 429 or b'"status":429' in answer.content:
                    refused.set()

    threads = [threading.Thread(target=push) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with elastic(settings, 60) as client:
        client.delete("/chaos-overload")
    assert refused.is_set(), "Elasticsearch never answered 429"


def rebalance(settings: Settings) -> None:
    """Storm deals all tasks out anew: every worker starts again."""
    with nimbus_client(settings.storm.nimbus) as nimbus:
        nimbus.rebalance(settings.storm.topology, RebalanceOptions(wait_secs=1))


def resubmit(settings: Settings) -> None:
    """The topology is killed in mid flow and submitted again."""
    (topology.folder(settings) / "submitted").unlink()
    topology.submit(settings, topology.build(settings, print), print)


ALL: dict[str, Fault] = {
    "kill -9 a parse bolt": kill_component("ParseBolt"),
    "kill -9 the index bolt": kill_component("IndexBolt"),
    "kill -9 the spout": kill_component("PageSpout"),
    "kill -9 a worker's JVM": kill_worker,
    "kill -9 Storm's supervisor": kill_program("storm-supervisor"),
    "kill -9 Nimbus": kill_program("storm-nimbus"),
    "kill -9 ZooKeeper": kill_program("zookeeper"),
    "kill -9 broker 1": kill_program("kafka-1"),
    "kill -9 broker 2": kill_program("kafka-2"),
    "kill -9 broker 3": kill_program("kafka-3"),
    "kill -9 Elasticsearch": kill_program("elasticsearch"),
    "kill -9 a Redis master": kill_program("redis-1"),
    "stop a parse bolt for 40 s": suspend(lambda settings: component(settings, "ParseBolt")),
    "stop broker 2 for 40 s": suspend(lambda settings: program(settings, "kafka-2")),
    "Elasticsearch answers 429": overload_index,
    "rebalance the topology": rebalance,
    "resubmit the topology": resubmit,
}
SHORT = ("kill -9 a parse bolt", "kill -9 broker 2", "kill -9 Elasticsearch")

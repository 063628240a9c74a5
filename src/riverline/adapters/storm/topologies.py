"""What changes a topology that runs, with a client of Nimbus. It is named without the number of its id, but for log
levels, which Nimbus keeps by id.

Storm's words: an inactive topology takes nothing new; a rebalance gives it other workers or executors.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from riverline.errors import Invalid

LEVELS = ("ALL", "TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "OFF")
UPDATE, REMOVE = 2, 3  # Thrift's LogLevelAction; UNCHANGED is 1
LONGEST_WAIT = 86_400  # seconds


def activate(nimbus: Any, name: str) -> None:
    nimbus.activate(name)


def deactivate(nimbus: Any, name: str) -> None:
    nimbus.deactivate(name)


def kill(nimbus: Any, name: str, wait: int) -> None:
    """Ends it `wait` seconds after it was told to take nothing new. Raises Invalid."""
    from streamparse.thrift import KillOptions

    nimbus.killTopologyWithOpts(name, KillOptions(wait_secs=_seconds(wait)))


def rebalance(
    nimbus: Any, name: str, wait: int, workers: int | None = None, executors: Mapping[str, int] | None = None
) -> None:
    """So many workers, and so many executors of each component; what is not named stays. Raises Invalid."""
    from streamparse.thrift import RebalanceOptions

    options = RebalanceOptions(wait_secs=_seconds(wait))
    if workers is not None:
        options.num_workers = _positive("workers", workers)
    if executors:
        options.num_executors = {component: _positive(component, count) for component, count in executors.items()}
    nimbus.rebalance(name, options)


def debug(nimbus: Any, name: str, component: str, enable: bool, percent: float) -> None:
    """Logs so many percent of the tuples of a component, or without one of all. Raises Invalid."""
    if not 0 <= percent <= 100:
        raise Invalid("the sampling is 0 to 100 percent")
    nimbus.debug(name, component, enable, percent)


def restart_worker(nimbus: Any, topology_id: str, host: str, port: int) -> None:
    """Has the supervisor of a host end one worker of a topology and start it again. Raises Invalid."""
    from streamparse.thrift import NodeInfo, ProfileAction, ProfileRequest

    found = nimbus.getTopologyPageInfo(topology_id, ":all-time", False).workers or []
    if all((each.host, each.port) != (host, port) for each in found):
        raise Invalid(f"no worker of this topology runs at {host}:{port}")
    node, until = NodeInfo(node=host, port={port}), int(time.time() * 1000)  # done once, not until later
    request = ProfileRequest(nodeInfo=node, action=ProfileAction.JVM_RESTART, time_stamp=until)
    nimbus.setWorkerProfiler(topology_id, request)


def id_of(nimbus: Any, name: str) -> str:
    """The id of the topology that runs under a name. Raises Invalid."""
    found = [str(each.id) for each in nimbus.getClusterInfo().topologies or [] if each.name == name]
    if not found:
        raise Invalid(f"no topology runs under the name {name}")
    return found[0]


def log_levels(nimbus: Any, topology_id: str) -> dict[str, dict[str, Any]]:
    """Storm's form: by logger, the level, the one that it goes back to, and when (seconds; since 1970 in ms)."""
    found = nimbus.getLogConfig(topology_id).named_logger_level or {}
    return {
        logger: {
            "target_level": level.target_log_level,
            "reset_level": level.reset_log_level,
            "timeout": level.reset_log_level_timeout_secs,
            "timeout_epoch": level.reset_log_level_timeout_epoch,
        }
        for logger, level in sorted(found.items())
    }


def set_log_level(nimbus: Any, topology_id: str, logger: str, level: str | None, seconds: int = 0) -> None:
    """The level of a logger in the workers, for `seconds` (0: until it is changed); None takes the change back.
    Raises Invalid."""
    from streamparse.thrift import LogConfig, LogLevel

    if level is not None and level not in LEVELS:
        raise Invalid(f"there is no level {level}; there are: {', '.join(LEVELS)}")
    if level is None:
        change = LogLevel(action=REMOVE)
    else:
        change = LogLevel(
            action=UPDATE,
            target_log_level=level,
            reset_log_level="INFO",
            reset_log_level_timeout_secs=_seconds(seconds),
        )
    nimbus.setLogConfig(topology_id, LogConfig(named_logger_level={logger: change}))


def _seconds(seconds: int) -> int:
    if not 0 <= seconds <= LONGEST_WAIT:
        raise Invalid(f"seconds are 0 to {LONGEST_WAIT}")
    return seconds


def _positive(name: str, count: int) -> int:
    if count < 1:
        raise Invalid(f"{name} must be 1 at least")
    return count

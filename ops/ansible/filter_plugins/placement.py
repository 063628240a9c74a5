"""From which host runs which programs to the settings of each: Ansible's filters `riverline_settings`, `unit_of`; and
`riverline_certificate`, which makes what a host shows."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

Placement = Mapping[str, Sequence[str]]  # a host's address -> the names of its programs

LOOPBACK = "127.0.0.1"
CERTIFICATES = Path(__file__).resolve().parents[2] / "riverline_stack" / "servers" / "certificates.py"
# Programs of which each host has one at most, and the setting with their addresses, by port.
ALONE = {
    "zookeeper": ("RIVERLINE_STORM__ZOOKEEPER", 2181),
    "storm-nimbus": ("RIVERLINE_STORM__NIMBUS", 6627),
    "mysql-primary": ("RIVERLINE_MYSQL__PRIMARY", 3306),
    "mysql-replica": ("RIVERLINE_MYSQL__REPLICAS", 3307),
    "redis-celery": ("RIVERLINE_CELERY__BROKER", 6379),
}
# Programs that are numbered from 1; those of one host listen on ports beside each other.
NUMBERED = {"kafka": ("RIVERLINE_KAFKA__BOOTSTRAP", 9092), "redis": ("RIVERLINE_REDIS__NODES", 7001)}
API_PORT = 8000
UI, UI_PORT = "storm-ui", 8081  # on as many hosts as have workers, whose logs it shows
NEEDED = (*ALONE, UI, "elasticsearch", "storm-supervisor", "api", "celery", "celery-beat", "monitor", "crawler-1")
ONCE = (*ALONE, "celery-beat", "monitor")


def riverline_settings(placement: Placement, own: str) -> dict[str, str]:
    """The settings of the host with the address `own`. Where it is the only one, everything stays on loopback.

    Raises ValueError with all that is wrong with the placement.
    """
    if wrong := problems(placement):
        raise ValueError("; ".join(wrong))
    crawlers = {"RIVERLINE_CRAWL__PROCESSES": str(len(_numbered(placement, "crawler")))}
    if len(placement) == 1:
        return crawlers
    nodes, pages = _hosts(placement, "elasticsearch"), _hosts(placement, UI)
    return {
        "RIVERLINE_STACK__HOST": own,
        **{name: f"{_hosts(placement, program)[0]}:{port}" for program, (name, port) in ALONE.items()},
        "RIVERLINE_STORM__UI": f"{own if own in pages else pages[0]}:{UI_PORT}",
        **{name: ",".join(_addresses(placement, kind, port)) for kind, (name, port) in NUMBERED.items()},
        "RIVERLINE_ELASTICSEARCH__URLS": ",".join(f"http://{host}:9200" for host in nodes),
        "RIVERLINE_ELASTICSEARCH__REPLICAS": str(min(1, len(nodes) - 1)),
        "RIVERLINE_MYSQL__CLIENTS": ",".join(placement),
        "RIVERLINE_API__BIND": f"{own}:{API_PORT}",
        "RIVERLINE_API__SITE": f"{_hosts(placement, 'api')[0]}:{API_PORT}",
        **crawlers,
    }


def problems(placement: Placement) -> list[str]:
    """What is wrong with it, in words."""
    everything = [program for programs in placement.values() for program in programs]
    wrong = [f"no host runs {name}" for name in NEEDED if name not in everything]
    wrong += [f"more than one host runs {name}" for name in ONCE if everything.count(name) > 1]
    for kind, most in (("kafka", 3), ("redis", 6), ("crawler", 0)):
        numbers = sorted(int(name.rpartition("-")[2]) for name in everything if re.fullmatch(rf"{kind}-\d+", name))
        wanted = list(range(1, (most or len(numbers)) + 1))
        if numbers != wanted:
            wrong.append(f"there must be {kind}-1 to {kind}-{wanted[-1] if wanted else 1}, each on one host")
    return wrong


def unit_of(program: str) -> str:
    """The unit of `ops/systemd` that a program's is made from: a crawler's from that of the first one."""
    return re.sub(r"^crawler-\d+$", "crawler-1", program)


def riverline_certificate(authority: Mapping[str, str], names: Sequence[str]) -> str:
    """A key and a certificate for a host of these names and addresses, another one each time."""
    found = importlib.util.spec_from_file_location("certificates", CERTIFICATES)
    assert found and found.loader
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    made: str = module.issued(authority["certificate"], authority["key"], ["localhost", LOOPBACK, *names])
    return made


def _hosts(placement: Placement, program: str) -> list[str]:
    return [host for host, programs in placement.items() if program in programs]


def _numbered(placement: Placement, kind: str) -> list[tuple[int, str, int]]:
    """Number, host, and the position among its host's, of each program of a kind, in the order of their numbers."""
    found = []
    for host, programs in placement.items():
        numbers = sorted(int(name.rpartition("-")[2]) for name in programs if re.fullmatch(rf"{kind}-\d+", name))
        found += [(number, host, position) for position, number in enumerate(numbers)]
    return sorted(found)


def _addresses(placement: Placement, kind: str, port: int) -> list[str]:
    return [f"{host}:{port + position}" for _, host, position in _numbered(placement, kind)]


class FilterModule:
    """What Ansible asks a file of filters for."""

    def filters(self) -> dict[str, Callable[..., object]]:
        return {
            "riverline_settings": riverline_settings,
            "riverline_certificate": riverline_certificate,
            "unit_of": unit_of,
        }

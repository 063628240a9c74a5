"""This host's Elasticsearch node, its data below the home of the settings. Nodes of several hosts are one cluster."""

from __future__ import annotations

import http.client
import json
import ssl
import tempfile
from base64 import b64encode
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from secrets import token_urlsafe
from urllib.parse import urlsplit

from riverline.adapters import tls
from riverline.errors import Transient
from riverline.settings import Settings
from riverline_stack.files import write
from riverline_stack.servers.addresses import beside, free_address, host_of, is_here, port_of
from riverline_stack.servers.cache import held
from riverline_stack.servers.credentials import digest_of, password_of, write_private
from riverline_stack.servers.elastic_home import SERVER, home_folder, install_home
from riverline_stack.servers.java.class_archive import archive_file, archive_options, keep, train
from riverline_stack.servers.java.command_line import Java, java_home
from riverline_stack.servers.java.jars import Say
from riverline_stack.servers.shown import Identity, shown_by
from riverline_stack.supervision.accounts import ELASTICSEARCH, lowered
from riverline_stack.supervision.program import Program

LOG4J2 = Path(__file__).with_name("log4j2") / "elasticsearch.properties"
TRANSPORT = 100  # the transport port is that many above the HTTP port
HEAP = "384m"
MAPPINGS = 262_144  # with fewer, a node of several starts only when it maps no files

# As in the official distribution's jvm.options, where they matter here.
OPTIONS = (
    f"-Xms{HEAP}",
    f"-Xmx{HEAP}",
    "-XX:+AlwaysPreTouch",
    "-Xss1m",
    "-XX:+UseG1GC",
    "-XX:G1ReservePercent=25",
    "-XX:InitiatingHeapOccupancyPercent=30",
    "-XX:-OmitStackTraceInFastThrow",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
)
PROPERTIES = {
    "java.security.manager": "allow",
    "java.awt.headless": "true",
    "java.locale.providers": "SPI,COMPAT",
    "file.encoding": "UTF-8",
    "jna.nosys": "true",
    "io.netty.noUnsafe": "true",
    "io.netty.noKeySetOptimization": "true",
    "io.netty.recycler.maxCapacityPerThread": "0",
    "io.netty.allocator.numDirectArenas": "0",
    "log4j.shutdownHookEnabled": "false",
    "log4j2.disable.jmx": "true",
    "log4j2.formatMsgNoLookups": "true",
    "es.networkaddress.cache.ttl": "60",
    "es.networkaddress.cache.negative.ttl": "10",
    "es.distribution.flavor": "oss",
    "es.distribution.type": "tar",
    "es.bundled_jdk": "false",
}


def install(settings: Settings, say: Say) -> None:
    """Fetch and put together what the node runs from, and archive its classes; what is in the cache already stays."""
    cache = settings.stack.cache
    with held(cache):
        install_home(cache, say)
        keep(_archive(cache), "Elasticsearch", lambda: _train(cache), say)


def programs(settings: Settings) -> list[Program]:
    """The node. Its configuration is written anew."""
    folder, cluster, cache = settings.home / "elasticsearch", addresses(settings), settings.stack.cache
    address = next((each for each in cluster if is_here(settings, each)), cluster[0])
    user, password = settings.elasticsearch.user, password_of(settings.elasticsearch, *cluster)
    shown, trusted = shown_by(settings, folder / "config", address), _trusted(settings)
    _render(folder, address, user, password, cluster, shown)
    command = _java(folder, cache).command(archive_options(_archive(cache)))
    return [
        Program(
            name="elasticsearch",
            command=command,
            environment=_environment(folder),
            ready=answering(address, user, password, trusted),
            version=shown.version if shown else "",
            directory=folder,
            account=ELASTICSEARCH,
            own=(folder,),
            reads=_reads(cache),
            addresses=(address, beside(address, TRANSPORT)),
            stop_seconds=30,
        )
    ]


def _trusted(settings: Settings) -> Callable[[], ssl.SSLContext] | None:
    """With what the node's certificate is checked, where the settings ask for TLS."""
    return partial(tls.context, settings.elasticsearch.ca_file) if settings.elasticsearch.tls else None


def answering(
    address: str, user: str, password: str, trusted: Callable[[], ssl.SSLContext] | None = None
) -> Callable[[], None]:
    """Ready when the cluster is at least yellow: every primary shard is there."""
    headers = {"Authorization": "Basic " + b64encode(f"{user}:{password}".encode()).decode()}

    def check() -> None:
        host, port = host_of(address), port_of(address)
        connection = (
            http.client.HTTPSConnection(host, port, timeout=3, context=trusted())
            if trusted
            else http.client.HTTPConnection(host, port, timeout=3)
        )
        try:
            connection.request("GET", "/_cluster/health?wait_for_status=yellow&timeout=1s", headers=headers)
            answer = connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            raise Transient(f"Elasticsearch does not answer at {address}: {error}") from error
        finally:
            connection.close()
        if answer.status != 200:
            raise Transient(f"Elasticsearch at {address} is not yet yellow (status {answer.status})")

    return check


def configuration(folder: Path, address: str, cluster: Sequence[str] = ()) -> dict[str, str]:
    """The node's settings, `elasticsearch.yml`. `cluster` has the addresses of all nodes, in an order that stays."""
    return {
        "cluster.name": "riverline",
        **_membership(address, cluster or (address,)),
        "network.host": host_of(address),
        "http.port": str(port_of(address)),
        "transport.port": str(port_of(address) + TRANSPORT),
        "path.data": str(folder / "data"),
        "path.logs": str(folder / "logs"),
        "path.repo": str(folder / "snapshots"),
        "action.destructive_requires_name": "true",  # no request deletes indices by a pattern
        "cluster.routing.allocation.disk.threshold_enabled": "false",  # else a full disk of others blocks writes here
    }


def _membership(address: str, cluster: Sequence[str]) -> dict[str, str]:
    names = [f"riverline-{number}" for number in range(1, len(cluster) + 1)]
    name = {"node.name": names[list(cluster).index(address)]}
    if len(cluster) == 1:
        return name | {"discovery.type": "single-node"}
    return name | {
        **({} if _mappings() >= MAPPINGS else {"node.store.allow_mmap": "false"}),
        "discovery.seed_hosts": json.dumps([beside(each, TRANSPORT) for each in cluster]),
        "cluster.initial_master_nodes": json.dumps(names),
    }


def _mappings() -> int:
    """How many areas of memory the kernel lets a process map."""
    return int(Path("/proc/sys/vm/max_map_count").read_text())


def addresses(settings: Settings) -> list[str]:
    """Where the nodes answer clients: the first of several on one host is the one that the stack runs."""
    found = [urlsplit(url).netloc for url in settings.elasticsearch.urls]
    return found if settings.stack.host else found[:1]


def _render(
    folder: Path,
    address: str,
    user: str,
    password: str,
    cluster: Sequence[str] = (),
    shown: Identity | None = None,
) -> None:
    for name in ("config", "data", "logs", "snapshots", "tmp"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    lines = (f"{name}: {value}\n" for name, value in configuration(folder, address, cluster).items())
    write(folder / "config" / "elasticsearch.yml", "".join(lines))
    write(folder / "config" / "log4j2.properties", LOG4J2.read_text())
    known = digest_of(f"{user}:{password}") if password else ""  # else nobody is asked
    # What nodes show each other; clients, who know the password, are no nodes by it.
    node = digest_of(f"node:{password}") if len(cluster) > 1 else ""
    access = f"host={host_of(address)}\ndigest={known}\nnode={node}\n" + ("tls=on\n" if shown else "")
    write_private(folder / "config" / "access.properties", access)


def _java(folder: Path, cache: Path) -> Java:
    home = home_folder(cache)
    paths = {
        "es.path.home": str(home),
        "es.path.conf": str(folder / "config"),
        "java.io.tmpdir": str(folder / "tmp"),
        "user.home": str(folder),
    }
    class_path = str(home / "lib" / "*")
    return Java("org.elasticsearch.bootstrap.Elasticsearch", class_path, OPTIONS, {**PROPERTIES, **paths})


def _environment(folder: Path) -> dict[str, str]:
    return {"LIBFFI_TMPDIR": str(folder / "tmp")}


def _reads(cache: Path) -> tuple[Path, ...]:
    return home_folder(cache), SERVER.path(cache), java_home()


def _archive(cache: Path) -> Path:
    return archive_file(home_folder(cache), "node")


def _train(cache: Path) -> None:
    """Run a node of its own, once, in a scratch folder, and archive the classes that it has loaded."""
    with tempfile.TemporaryDirectory(prefix="riverline-elasticsearch-") as scratch:
        folder, address, password = Path(scratch), free_address(), token_urlsafe()
        _render(folder, address, "training", password)
        ready = answering(address, "training", password)
        rights = lowered(ELASTICSEARCH, [folder], _reads(cache))
        variables = [f"{name}={value}" for name, value in _environment(folder).items()]
        train(_java(folder, cache), _archive(cache), ready, folder, lambda run: [*rights, "env", *variables, *run])

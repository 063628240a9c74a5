"""Another account of this machine against all that the stack has: every port that it listens on, every file and socket.

The ports are those that the kernel lists, so that a new one is not forgotten: without an entry here the test fails.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from riverline.settings import Settings
from riverline_stack.servers import elastic_node, kafka_brokers, redis_servers
from riverline_stack.servers.addresses import beside
from riverline_stack.servers.storm_conf import slots, supervisor_address
from riverline_stack.supervision import processes
from tests.integration.test_elastic_access import FAILED, node_request, short
from tests.support.other_account import reached, talked
from tests.support.stack import until

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another account")

Answers = Sequence[bytes | None]
WORKER_RUNS = 180.0  # seconds after the topology was submitted


@dataclass(frozen=True)
class Port:
    """What another account asks at a port, in conversations, why it gets nothing there, and whether that is so."""

    why: str
    asked: Sequence[Sequence[bytes]]
    refused: Callable[[Answers], bool]


def closes(answers: Answers) -> bool:
    """The server says nothing and hangs up."""
    return set(answers) == {None}


def frame(message: bytes) -> bytes:
    return struct.pack(">i", len(message)) + message


def thrift(method: str) -> bytes:
    """A call without arguments."""
    name = method.encode()
    return frame(struct.pack(">Ii", 0x80010001, len(name)) + name + struct.pack(">i", 1) + b"\0")


def kafka(key: int, version: int, body: bytes) -> bytes:
    """A request with a correlation id and no client id."""
    return frame(struct.pack(">hhih", key, version, 1, -1) + body)


def login(user: str, password: bytes = b"") -> bytes:
    """The answer to a greeting of MySQL: protocol 4.1, secure connection, by a plugin."""
    plugin = b"mysql_native_password\0"
    body = struct.pack("<IIB", 1 << 9 | 1 << 15 | 1 << 19, 1 << 24, 33) + bytes(23) + user.encode() + b"\0"
    body += bytes([len(password)]) + password + plugin
    return struct.pack("<I", len(body))[:3] + b"\1" + body


def http(method: str, path: str, body: bytes = b"") -> list[bytes]:
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return [f"{head}\r\n".encode() + body]


def status(answers: Answers) -> int:
    (answer,) = answers
    return int(answer.split()[1]) if answer else 0


MYSQL = Port(
    "every account of MySQL has a password",
    [[b"", login(user, shown)] for user in ("root", "riverline", "riverline_admin", "") for shown in (b"", b"x" * 20)],
    lambda answers: answers[1] is None or answers[1][4:5] != b"\0",  # 0: logged in
)
REDIS = Port(
    "users of Redis have passwords, and the default one is off",
    [
        [f"{command}\r\n".encode()]
        for command in (
            *("PING", "INFO", "KEYS *", "GET a", "SET a 1", "FLUSHALL", "CONFIG GET *", "CLUSTER NODES", "EVAL 1 0"),
            *("AUTH default x", "AUTH riverline x", "HELLO 3", "SHUTDOWN NOSAVE", "MONITOR", "PSYNC ? -1"),
        )
    ],
    lambda answers: answers[0] is None or answers[0].startswith(b"-"),
)
REDIS_BUS = Port("nodes ask each other for a certificate", [[b"RCmb" + bytes(2252)], [b"PING\r\n"]], closes)
SASL = [
    [kafka(3, 0, struct.pack(">i", 0))],  # Metadata
    [kafka(16, 0, b"")],  # ListGroups
    [kafka(20, 0, struct.pack(">ihii", 1, 1, 0, 1000))],  # DeleteTopics
    [kafka(55, 0, struct.pack(">i", 0))],  # DescribeQuorum
]
KAFKA = Port("a broker answers nothing before a login", SASL, closes)
CONTROLLER = Port("a controller answers nothing before a broker's login", SASL, closes)
ZOOKEEPER = Port(
    "the connection's account is not the server's",
    [
        *([word] for word in (b"ruok", b"stat", b"dump", b"envi", b"mntr", b"cons", b"wchs")),
        # a session, and then getChildren of `/`
        [
            frame(struct.pack(">iqiqi", 0, 0, 10_000, 0, 16) + bytes(16)),
            frame(struct.pack(">iii", 1, 8, 1) + b"/" + b"\0"),
        ],
    ],
    closes,
)
NIMBUS = Port(
    "the connection's account is neither the server's nor a guest's",
    [[thrift(name)] for name in ("getClusterInfo", "beginFileUpload", "getNimbusConf", "getLeader")],
    closes,
)
SUPERVISOR = Port(
    "the connection's account is not the server's",
    [[thrift(name)] for name in ("getLocalAssignmentForStorm", "sendSupervisorAssignments")],
    closes,
)
WORKER = Port("the connection's account is not the worker's", [[b""], [b"\xff\xfe" + bytes(64)]], closes)
ELASTICSEARCH = Port(
    "a client has to know the password",
    [
        *(http(method, path) for method in ("GET", "DELETE") for path in ("/", "/documents", "/_cat/indices", "/_all")),
        *(http("GET", path) for path in ("/_search", "/_cluster/settings", "/_nodes", "/_snapshot")),
        http("POST", "/documents/_delete_by_query", b'{"query":{"match_all":{}}}'),
        http("POST", "/documents/_doc", b'{"text":"another"}'),
        http("PUT", "/_cluster/settings", b'{"persistent":{"action.destructive_requires_name":"false"}}'),
    ],
    lambda answers: status(answers) in (401, 405),  # 405: there is no such operation, whoever asks
)
TRANSPORT = Port(
    "a node that is alone answers no other one",
    [[node_request(f"cluster:monitor/{what}", short(""))] for what in ("main", "state", "nodes/info")],
    lambda answers: not answers[0] or bool(answers[0][14] & FAILED),
)


def public(reads: Iterable[str], writes: Iterable[tuple[str, str, bytes]], why: str) -> Port:
    """What everybody may read; to write is refused."""
    writing = [http(*write) for write in writes]
    return Port(
        why,
        [*writing, *(http("GET", path) for path in reads)],
        lambda answers: status(answers) in (401, 403, 404, 405, 501),
    )


SITE = public(
    (),
    (
        ("POST", "/api/v1/posts", b'{"contents":"another"}'),
        ("POST", "/api/v1/crawl/targets", b'{"name":"evil","start_urls":["http://evil.example/"]}'),
        ("DELETE", "/api/v1/users/1", b""),
        ("GET", "/api/v1/users/1/timeline", b""),
        ("GET", "/api/v1/audit-log", b""),
    ),
    "the API: public data to read; all else asks for a token",
)
STORM_UI = public(
    ("/api/v1/topology/any/logs",),
    (("POST", "/api/v1/topology/any/kill/1", b""), ("POST", "/api/v1/topology/any/deactivate", b"")),
    "Storm's pages: to read; actions and logs ask for the token",
)
METRICS = public((), (("POST", "/metrics", b"{}"), ("PUT", "/metrics", b"{}")), "metrics, to read")
DEMO = public((), (("POST", "/", b"{}"), ("DELETE", "/", b"")), "made-up pages, to read")


def expected(settings: Settings) -> Mapping[str, Port]:
    """By address."""
    own = settings.redis.nodes
    brokers = kafka_brokers.brokers(settings)
    http_address = elastic_node.addresses(settings)[0]
    return {
        **dict.fromkeys((settings.mysql.primary, *settings.mysql.replicas), MYSQL),
        **dict.fromkeys((*own, settings.celery.broker), REDIS),
        **{beside(address, redis_servers.BUS): REDIS_BUS for address in own},
        **{beside(address, redis_servers.BETWEEN_NODES): REDIS_BUS for address in own},
        **{broker.address: KAFKA for broker in brokers},
        **{broker.controller: CONTROLLER for broker in brokers},
        settings.storm.zookeeper: ZOOKEEPER,
        settings.storm.nimbus: NIMBUS,
        supervisor_address(settings): SUPERVISOR,
        **dict.fromkeys(slots(settings), WORKER),
        http_address: ELASTICSEARCH,
        beside(http_address, elastic_node.TRANSPORT): TRANSPORT,
        **dict.fromkeys((settings.api.site, settings.api.bind), SITE),
        settings.storm.ui: STORM_UI,
        settings.monitor.bind: METRICS,
        settings.demo.address: DEMO,
    }


def listening(settings: Settings) -> set[str]:
    """Where programs of the stack listen, as /proc/net/tcp tells."""
    found = set()
    for process in processes.owned(settings.home):
        for entry in process.net_connections("tcp"):
            if entry.status == psutil.CONN_LISTEN:
                found.add(f"{entry.laddr.ip.removeprefix('::ffff:')}:{entry.laddr.port}")
    return found


def test_another_account_gets_nothing_on_any_port(stack: Settings) -> None:
    ports = expected(stack)
    assert until(lambda: bool(listening(stack) & {*slots(stack)}), WORKER_RUNS)
    there = sorted(listening(stack))
    assert [address for address in there if address not in ports] == []
    asked = [(address, sent) for address in there for sent in ports[address].asked]
    answers = talked(asked)
    open_doors = [
        f"{address}: {ports[address].why}, but {sent} is answered with {got}"
        for (address, sent), got in zip(asked, answers, strict=True)
        if not ports[address].refused(got)
    ]
    assert not open_doors, "\n".join(open_doors)


def test_the_same_questions_are_answered_where_one_may_ask(stack: Settings) -> None:
    """Root's processes are let in, where the account decides: so the questions are such that servers understand."""
    known = {stack.storm.zookeeper: [[b"ruok"], ZOOKEEPER.asked[-1]], stack.storm.nimbus: NIMBUS.asked}
    asked = [(address, sent) for address, questions in known.items() for sent in questions]
    assert [sent for (_, sent), got in zip(asked, talked(asked, other=False), strict=True) if not all(got)] == []


def test_another_account_reads_writes_and_reaches_no_file_and_no_socket(stack: Settings) -> None:
    """Whose names it may know. Public are the guide's pages."""
    public = [stack.home / name for name in ("guide", "guide.version", "session")]
    paths = [path for path in (stack.home, *stack.home.rglob("*")) if not {path, *path.parents} & {*public}]
    assert len(paths) > 1000 and any(path.is_socket() for path in paths)
    assert reached(paths) == []


def test_whatever_socket_a_program_listens_on_has_a_place_below_the_home(stack: Settings) -> None:
    """One without (an abstract one) has no rights that could be asked for."""
    elsewhere = {
        (process.name(), entry.laddr)
        for process in processes.owned(stack.home)
        for entry in process.net_connections("unix")
        if entry.laddr and not within(entry.laddr, Path(process.cwd()), stack.home)
    }
    assert elsewhere == set()


def within(name: str, stands: Path, home: Path) -> bool:
    """Whether a socket's name is a path below the home; a relative one, or by `/proc/self/cwd`, is from where the
    program stands."""
    place = stands / name.removeprefix("/proc/self/cwd/")
    return not name.startswith(("@", "\0")) and home in place.parents

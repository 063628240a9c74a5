"""Requests to a server of HTTP: a real one, on loopback, that answers as told."""

from __future__ import annotations

import socket
import threading
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from elastic_transport import ConnectionError, ConnectionTimeout, HttpHeaders, NodeConfig

from riverline.adapters.elasticsearch.connection import ElasticsearchConnection
from riverline.adapters.elasticsearch.node import DirectNode
from riverline.errors import Fatal, Invalid, Transient
from riverline.settings import Elasticsearch


class Server(ThreadingHTTPServer):
    """Counts connections, and holds up `/slow` until it ends."""

    daemon_threads = True

    def __init__(self, host="127.0.0.1"):
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, 0), Answers)
        self.connections, self.ended = 0, threading.Event()

    def process_request(self, request, address):
        self.connections += 1
        super().process_request(request, address)


class Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        place = self.path.removeprefix("/es")
        said = self.rfile.read(int(self.headers["content-length"])).decode()
        told = f'{{"path": "{self.path}", "type": "{self.headers["content-type"]}", "said": "{said}"}}'.encode()
        if place == "/slow":
            self.server.ended.wait(30)
        if place == "/broken":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
            self.close_connection = True
            return
        self.send_response(404 if place == "/absent" else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("X-Asked", self.headers["host"])
        self.send_header("X-Known-As", self.headers["authorization"] or "nobody")
        self.send_header("X-Elastic-Product", "other" if place == "/other" else "Elasticsearch")
        if place == "/closing":
            self.send_header("Connection", "close")
        if place == "/pieces":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in (told[:5], told[5:])) + b"0\r\n\r\n")
            return
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(told)
        if place == "/quits":  # without a word
            self.close_connection = True

    do_GET = do_HEAD = do_PUT = do_POST


@contextmanager
def serving(host="127.0.0.1"):
    with Server(host) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.ended.set()
        server.shutdown()


@pytest.fixture
def server():
    with serving() as server:
        yield server


@pytest.fixture
def node(server):
    made = DirectNode(NodeConfig("http", "127.0.0.1", server.server_port, path_prefix="/es", request_timeout=10))
    yield made
    made.close()


@pytest.fixture
def connection(server):
    made = ElasticsearchConnection(Elasticsearch(urls=(f"http://127.0.0.1:{server.server_port}",), timeout=10))
    yield made
    made.close()


def test_a_request_goes_out_and_its_answer_comes_back(node):
    meta, body = node.perform_request("POST", "/a?b=1", "바다".encode(), HttpHeaders({"Content-Type": "text/x"}))
    assert (meta.status, meta.mimetype, meta.headers["x-elastic-product"]) == (200, "application/json", "Elasticsearch")
    assert body.decode() == '{"path": "/es/a?b=1", "type": "text/x", "said": "바다"}'


@pytest.mark.parametrize(("host", "named"), [("127.0.0.1", "127.0.0.1"), ("::1", "[::1]")])
def test_the_server_is_told_its_own_name(host, named):
    try:
        socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError:
        pytest.skip(f"this machine has no {host}")
    with serving(host) as server, closing(DirectNode(NodeConfig("http", host, server.server_port))) as node:
        assert node.perform_request("GET", "/a").meta.headers["x-asked"] == f"{named}:{server.server_port}"


def test_requests_share_a_connection(node, server):
    for method in ("POST", "HEAD", "GET", "PUT"):
        assert node.perform_request(method, "/a").meta.status == 200
    assert server.connections == 1


def test_requests_at_once_have_connections_of_their_own(node, server):
    both = threading.Barrier(2)

    def ask():
        both.wait(10)
        for _ in range(20):
            assert b'"said": "x"' in node.perform_request("POST", "/a", b"x").body

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert 1 <= server.connections <= 2


@pytest.mark.parametrize("path", ["/closing", "/quits"])
def test_a_connection_that_the_server_closes_is_not_used_again(connection, server, path):
    connection.call("POST", path, {})
    for _ in range(20):
        assert connection.call("POST", "/a")["path"] == "/a"
    assert server.connections == 2


def test_an_answer_in_pieces_is_put_together(connection):
    assert connection.call("POST", "/pieces")["path"] == "/pieces"


def test_what_takes_too_long_is_a_time_out(node):
    with pytest.raises(ConnectionTimeout):
        node.perform_request("POST", "/slow", request_timeout=0.05)


def test_an_answer_that_breaks_off_is_an_error_and_the_next_one_is_whole(node):
    with pytest.raises(ConnectionError):
        node.perform_request("GET", "/broken")
    assert node.perform_request("GET", "/a").meta.status == 200


def test_a_server_that_is_away_is_an_error_of_its_own():
    with Server() as gone:
        port = gone.server_port
    with pytest.raises(ConnectionError):
        DirectNode(NodeConfig("http", "127.0.0.1", port)).perform_request("GET", "/")
    with pytest.raises(Transient):
        ElasticsearchConnection(Elasticsearch(urls=(f"http://127.0.0.1:{port}",), timeout=10)).call(
            "GET", "/", timeout=1.0
        )


@pytest.mark.parametrize(("password", "shown"), [("geheim\n", "Basic cml2ZXJsaW5lOmdlaGVpbQ=="), (None, "nobody")])
def test_the_server_is_shown_the_password_of_the_file_that_the_settings_name(server, tmp_path, password, shown):
    file = tmp_path / "password"
    if password:
        file.write_text(password)
    settings = Elasticsearch(urls=(f"http://127.0.0.1:{server.server_port}",), password_file=file)
    with closing(ElasticsearchConnection(settings)) as connection:
        answer = connection._client.perform_request("GET", "/a", headers={"accept": "application/json"})
    assert answer.meta.headers["x-known-as"] == shown


def test_errors_are_the_project_s_own(connection):
    with pytest.raises(Invalid):
        connection.call("GET", "/absent")
    with pytest.raises(Fatal):
        connection.call("GET", "/other")
    with pytest.raises(Transient):
        connection.call("GET", "/slow", timeout=0.05)

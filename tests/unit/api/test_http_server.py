"""Gunicorn as the API runs it, before an application that says what reached it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.raw_http import ask, get

KIMCHI = "김치찌개"
TIMEOUT = 3  # seconds of a request
DEADLINE = 30


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the server."""
    home: Path = tmp_path_factory.mktemp("home")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
    options = [
        "--config=python:riverline_api.gunicorn",
        "--no-control-socket",
        f"--bind={address}",
        "--workers=1",
        f"--timeout={TIMEOUT}",
    ]
    environment = {**os.environ, "RIVERLINE_HOME": str(home), "PROMETHEUS_MULTIPROC_DIR": str(home / "metrics")}
    with (home / "log").open("w+") as log:
        command = [sys.executable, "-m", "gunicorn", *options, "tests.support.echo:app"]
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            _await(address, process)
            yield address
        finally:
            process.terminate()
            process.wait(timeout=20)


def _await(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while process.poll() is None:
        try:
            get(address, b"/")
            return
        except OSError:
            assert time.monotonic() < deadline, "gunicorn does not answer"
            time.sleep(0.05)
    pytest.fail("gunicorn ended")


@pytest.mark.parametrize("path", ["/api/v1/search", "/찾기", "/a/é/"])
def test_an_address_may_be_as_curl_sends_it(server: str, path: str) -> None:
    answer = get(server, f"{path}?q={KIMCHI}&x=a+b".encode())
    assert answer.status == 200
    assert answer.json() == {"path": path, "query": {"q": [KIMCHI], "x": ["a b"]}}


def test_what_is_encoded_already_stays_as_it_is(server: str) -> None:
    answer = get(server, b"/%EA%B9%80?q=%25+%EA%B9%80")
    assert answer.json() == {"path": "/김", "query": {"q": ["% 김"]}}


def test_bytes_of_another_encoding_reach_the_application(server: str) -> None:
    assert get(server, b"/?q=" + KIMCHI.encode("cp949")).status == 200


HOST = b"Host: x\r\nConnection: close\r\n"
REFUSED = {
    "no version": (400, b"GET /\r\n" + HOST + b"\r\n"),
    "another version": (400, b"GET / HTTP/3.0\r\n" + HOST + b"\r\n"),
    "no words at all": (400, b"\xff\xfe\r\n\r\n"),
    "a control character in the address": (400, b"GET /\x01 HTTP/1.1\r\n" + HOST + b"\r\n"),
    "a space in the address": (400, b"GET /a b HTTP/1.1\r\n" + HOST + b"\r\n"),
    "a method that is none": (400, "G김T / HTTP/1.1\r\n".encode() + HOST + b"\r\n"),
    "two hosts": (400, b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
    "a header without a name": (400, b"GET / HTTP/1.1\r\n: x\r\n" + HOST + b"\r\n"),
    "a length that is none": (400, b"POST / HTTP/1.1\r\nContent-Length: x\r\n" + HOST + b"\r\n"),
    "another expectation": (417, b"GET / HTTP/1.1\r\nExpect: the-best\r\n" + HOST + b"\r\n"),
    "an unknown transfer coding": (501, b"POST / HTTP/1.1\r\nTransfer-Encoding: x\r\n" + HOST + b"\r\n"),
    "too many headers": (431, b"GET / HTTP/1.1\r\n" + b"X-A: b\r\n" * 70 + HOST + b"\r\n"),
    "an application that fails": (500, b"GET /fails HTTP/1.1\r\n" + HOST + b"\r\n"),
    "an application that sends what it may not": (500, b"GET /broken HTTP/1.1\r\n" + HOST + b"\r\n"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_what_the_server_answers_itself_is_a_problem(server: str, why: str) -> None:
    status, request = REFUSED[why]
    answer = ask(server, request)
    assert (answer.status, answer.kind) == (status, "application/problem+json")
    problem = answer.json()
    assert (problem["status"], problem["type"]) == (status, "about:blank")
    assert problem["title"] and problem["detail"]
    assert problem["instance"] == f"urn:uuid:{answer.headers['x-request-id']}"


SLOW = {
    b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: ": b"x",
    b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n": b"x",
    b"POST /read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n": b"1\r\nx\r\n",
}


def test_what_arrives_byte_by_byte_is_not_waited_for(server: str) -> None:
    """Headers, a body, and a body in chunks. Others are answered meanwhile."""
    host, _, port = server.partition(":")
    clients = {socket.create_connection((host, int(port)), timeout=DEADLINE): more for more in SLOW.values()}
    began = time.monotonic()
    try:
        for client, head in zip(clients, SLOW, strict=True):
            client.sendall(head)
            client.settimeout(0.1)
        assert get(server, b"/").status == 200
        waited_for = dict(clients)
        while waited_for:
            assert time.monotonic() - began < DEADLINE, "it is still waited for"
            waited_for = {client: more for client, more in waited_for.items() if not _is_over(client, more)}
    finally:
        for client in clients:
            client.close()
    assert time.monotonic() - began > TIMEOUT / 2


def _is_over(client: socket.socket, more: bytes) -> bool:
    """Sends a little more. If the server has ended the connection."""
    try:
        client.sendall(more)
        client.recv(4096)
    except TimeoutError:
        return False
    except OSError:
        return True
    return True

"""Requests a second through nginx and gunicorn: an application's path against hello world, in turns.

Hello world is a plain Flask application on the same gunicorn configuration and processes, behind the same nginx;
`bare WSGI` is the same without Flask, for who wants to know what that costs. The limit of the API's requests is
raised so far that it does not end the measurement: each request is still counted.
"""

from __future__ import annotations

import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from riverline.settings import ROOT, Settings

CONNECTIONS = 8
SECONDS = 2.0
ROUNDS = 9
WORKERS = 2
HIGH = {"RIVERLINE_API__TOKEN_PER_MINUTE": "100000000", "RIVERLINE_API__ADDRESS_PER_MINUTE": "100000000"}
OURS, HELLO, BARE = "timeline", "hello world", "bare WSGI"
APPLICATIONS = {OURS: "riverline_api.wsgi:app", HELLO: "bench.hello:app", BARE: "bench.hello:bare"}


def compared(settings: Settings, path: str, token: str) -> dict[str, float]:
    """The median of several rounds' rates, by name. Requests carry the token."""
    with tempfile.TemporaryDirectory() as folder, _served(settings, Path(folder)) as ports:
        return in_turns({name: (port, path if name == OURS else "/") for name, port in ports.items()}, token)


def in_turns(asked: Mapping[str, tuple[int, str]], token: str) -> dict[str, float]:
    """The median of several rounds' rates, by name; `asked`: a port and a path each."""
    rates: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(ROUNDS):
        for name, (port, path) in asked.items():
            rates[name].append(rate(port, path, token))
    return {name: statistics.median(found) for name, found in rates.items()}


def rate(port: int, path: str, token: str) -> float:
    """Requests a second over some connections that are kept."""
    started = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        counts = [pool.submit(_asked, port, path, token, started + SECONDS) for _ in range(CONNECTIONS)]
        total = sum(count.result() for count in counts)
    return total / (time.perf_counter() - started)


def _asked(port: int, path: str, token: str, end: float) -> int:
    """Asks again and again until then. Returns how often."""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    count = 0
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        while time.perf_counter() < end:
            connection.sendall(request)
            _answer(connection)
            count += 1
    return count


def _answer(connection: socket.socket) -> None:
    """Reads one answer. Raises AssertionError unless it is 200 and has a length."""
    received = connection.recv(1 << 16)
    head, _, rest = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head[:200]
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    missing = length - len(rest)
    while missing > 0:
        missing -= len(connection.recv(missing))


@contextmanager
def _served(settings: Settings, folder: Path) -> Iterator[dict[str, int]]:
    """The ports where nginx answers for each application; all are gunicorns of equal size."""
    count = len(APPLICATIONS)
    ports = _free(2 * count)
    fronts, backs = ports[:count], ports[count:]
    programs = [
        *(_gunicorn(settings, one, back, folder) for one, back in zip(APPLICATIONS.values(), backs, strict=True)),
        _nginx(folder, dict(zip(fronts, backs, strict=True))),
    ]
    try:
        for port in ports:
            _wait(port)
        yield dict(zip(APPLICATIONS, fronts, strict=True))
    finally:
        for program in programs:
            program.terminate()
        for program in programs:
            _ended(program)


def _ended(program: subprocess.Popen[bytes]) -> None:
    """Waits for its end, and kills it, with its children, when it does not come."""
    try:
        program.wait(15)
    except subprocess.TimeoutExpired:
        os.killpg(program.pid, signal.SIGKILL)
        program.wait()


def _gunicorn(settings: Settings, application: str, port: int, folder: Path) -> subprocess.Popen[bytes]:
    sized = (f"--bind=127.0.0.1:{port}", f"--workers={WORKERS}", "--no-control-socket")
    command = [sys.executable, "-m", "gunicorn", "--config=python:riverline_api.gunicorn", *sized, application]
    environment = {
        **os.environ,
        **settings.environment(),
        "PROMETHEUS_MULTIPROC_DIR": str(folder / str(port)),
        **HIGH,
    }
    return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL, start_new_session=True)


def _nginx(folder: Path, ports: dict[int, int]) -> subprocess.Popen[bytes]:
    servers = "".join(
        f"upstream u{back} {{ server 127.0.0.1:{back}; keepalive 32; }}\n"
        f"server {{ listen 127.0.0.1:{front}; location / {{ proxy_pass http://u{back}; proxy_http_version 1.1; "
        f'proxy_set_header Connection ""; proxy_set_header Host $http_host; }} }}\n'
        for front, back in ports.items()
    )
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    key_value = "".join(f"{kind}_temp_path {folder / kind};\n" for kind in kinds)
    http = f"access_log off; keepalive_requests 1000000;\n{key_value}{servers}"
    head = f"daemon off; pid {folder / 'pid'}; error_log stderr crit; worker_processes 2;\nevents {{}}\n"
    (folder / "nginx.conf").write_text(f"{head}http {{ {http} }}\n")
    return subprocess.Popen(["nginx", "-e", "stderr", "-c", str(folder / "nginx.conf")], start_new_session=True)


def _free(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports: list[int] = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def _wait(port: int) -> None:
    end = time.monotonic() + 60
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < end, f"nothing listens on {port}"
            time.sleep(0.1)

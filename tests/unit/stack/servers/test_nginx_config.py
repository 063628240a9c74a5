"""nginx takes what it is told, and what it is told is one text for the stack, the container and the site."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import httpx
import psutil
import pytest

from riverline.security_headers import HEADERS
from riverline.settings import Api, Settings
from riverline_stack.servers import nginx_config
from tests.support.raw_http import ask
from tests.support.stack import until

nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin")
needs_nginx = pytest.mark.skipif(not (nginx and shutil.which("openssl")), reason="there is no nginx, or no openssl")


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def test_the_committed_files_are_what_is_written() -> None:
    """When this fails: `make units`."""
    assert nginx_config.SITE.read_text() == nginx_config.site()
    assert nginx_config.TEMPLATE.read_text() == nginx_config.template()


def test_requests_are_passed_on_alike_everywhere(tmp_path: Path) -> None:
    said = [
        " ".join(text.split())
        for text in (nginx_config.local(Settings(), tmp_path), nginx_config.site(), nginx_config.template())
    ]
    assert all(" ".join(nginx_config.PASS_ON.split()) in text for text in said)


@needs_nginx
def test_nginx_takes_the_configuration_of_the_stack(tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir()
    (tmp_path / "nginx.conf").write_text(nginx_config.local(Settings(), tmp_path))
    said = subprocess.run([str(nginx), "-t", "-c", str(tmp_path / "nginx.conf")], capture_output=True, text=True)
    assert said.returncode == 0, said.stderr


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[int, int]]:
    """The ports of the site, plain and with TLS, before an API that answers each request."""
    plain, secure, api = free_port(), free_port(), HTTPServer(("127.0.0.1", 0), Answer)
    Thread(target=api.serve_forever, daemon=True).start()
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subject = ["-subj", f"/CN={nginx_config.DOMAIN}", "-addext", f"subjectAltName=DNS:{nginx_config.DOMAIN}"]
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    subprocess.run([*command, *subject, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    live = f"/etc/letsencrypt/live/{nginx_config.DOMAIN}"
    text = (
        nginx_config.site().replace(f"{live}/fullchain.pem", str(certificate)).replace(f"{live}/privkey.pem", str(key))
    )
    text = text.replace("listen 80;", f"listen 127.0.0.1:{plain};").replace("listen 443", f"listen 127.0.0.1:{secure}")
    text = text.replace("127.0.0.1:8000", f"127.0.0.1:{api.server_port}")
    text = text.replace("rate=40r/s", "rate=6r/m").replace("burst=80", "burst=10")  # soon, also on a slow machine
    text = "".join(line for line in text.splitlines(True) if "[::]" not in line)
    scratch = "".join(
        f"{kind}_temp_path {tmp_path};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (tmp_path / "nginx.conf").write_text(
        f"daemon off; pid {tmp_path}/pid; error_log stderr; events {{}} http {{ access_log off; {scratch} {text} }}"
    )
    process = subprocess.Popen([str(nginx), "-e", "stderr", "-c", str(tmp_path / "nginx.conf")])
    await_port(secure, process)
    yield plain, secure
    process.terminate()
    process.wait(timeout=20)
    api.shutdown()
    api.server_close()


@pytest.fixture
def local(tmp_path: Path) -> Iterator[str]:
    """The address of the local stack's nginx, before an API that is away."""
    (tmp_path / "scratch").mkdir()
    address, nobody = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
    settings = Settings(home=tmp_path, api=Api(site=address, bind=nobody))
    (tmp_path / "nginx.conf").write_text(nginx_config.local(settings, tmp_path))
    own = ["-g", "user root;"] if os.geteuid() == 0 else []  # else its workers cannot enter the test's folder
    process = subprocess.Popen([str(nginx), "-e", "stderr", "-c", str(tmp_path / "nginx.conf"), *own])
    await_port(int(address.rpartition(":")[2]), process)
    yield f"http://{address}"
    process.terminate()
    process.wait(timeout=20)


def await_port(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail(f"nothing listens on {port}")


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = self.headers["X-Forwarded-Proto"].encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def get(url: str) -> httpx.Response:
    return httpx.get(url, headers={"host": nginx_config.DOMAIN}, verify=False, trust_env=False, timeout=20)


@needs_nginx
def test_the_site_answers_over_tls_only_and_says_that_it_stays_so(site: tuple[int, int]) -> None:
    plain, secure = site
    sent_on, answered = get(f"http://127.0.0.1:{plain}/search?q=x"), get(f"https://127.0.0.1:{secure}/search?q=x")
    assert (sent_on.status_code, sent_on.headers["location"]) == (308, f"https://{nginx_config.DOMAIN}/search?q=x")
    assert (answered.status_code, answered.text) == (200, "https")
    assert answered.headers["strict-transport-security"].startswith("max-age=63072000")


EVERYWHERE = {name.lower() for name in HEADERS}


@needs_nginx
def test_what_nginx_answers_itself_carries_every_header(site: tuple[int, int], local: str) -> None:
    secure = f"https://127.0.0.1:{site[1]}"
    own = [get(secure + path) for path in ("/metrics", "/guide", "/guide/absent")]
    own += [httpx.get(local + path, trust_env=False) for path in ("/guide", "/guide/absent", "/api/v1/search")]
    own.append(httpx.get(local, headers={"accept": "text/html"}, trust_env=False))
    for answer in own:
        assert answer.headers.keys() >= EVERYWHERE - {"content-security-policy"}, answer.url
        assert len(answer.headers.get_list("x-content-type-options")) == 1
        if answer.status_code >= 400:
            assert "frame-ancestors 'none'" in answer.headers["content-security-policy"], answer.url
    assert all("strict-transport-security" in answer.headers for answer in own[:3])


@needs_nginx
def test_no_redirect_leads_to_the_host_that_a_request_names(site: tuple[int, int], local: str) -> None:
    urls = (f"http://127.0.0.1:{site[0]}/a", f"https://127.0.0.1:{site[1]}/guide", f"{local}/guide")
    for url in urls:
        answer = httpx.get(url, headers={"host": "evil.example"}, verify=False, trust_env=False)
        assert answer.status_code == 308
        assert "evil" not in answer.headers["location"]


@needs_nginx
def test_one_address_is_answered_so_many_requests_at_a_time(local: str) -> None:
    host, _, port = local.removeprefix("http://").partition(":")
    head = b"POST /api/v1/users HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"
    busy = [socket.create_connection((host, int(port)), timeout=20) for _ in range(64)]
    try:
        for client in busy:
            client.sendall(head)
        deadline = time.monotonic() + 20
        while (answer := httpx.get(local, trust_env=False)).status_code != 429:
            assert time.monotonic() < deadline, answer.status_code
        assert answer.headers["retry-after"] == "1"
    finally:
        for client in busy:
            client.close()


@needs_nginx
def test_a_body_that_stops_coming_is_not_waited_for(local: str) -> None:
    head = b"POST /api/v1/users HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"
    host, _, port = local.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=20) as client:
        client.sendall(head)
        assert client.recv(4096)[:12] in (b"", b"HTTP/1.1 408")


@needs_nginx
def test_an_answer_that_nobody_fetches_is_not_kept(local: str, tmp_path: Path) -> None:
    size = 64 << 20  # more than the kernel takes for who does not read
    (tmp_path / "guide").mkdir()
    (tmp_path / "guide" / "large.png").write_bytes(bytes(size))
    host, _, port = local.removeprefix("http://").partition(":")
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(20)
        client.connect((host, int(port)))
        client.sendall(b"GET /guide/large.png HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.recv(12) == b"HTTP/1.1 200"
        assert until(lambda: not held(client.getsockname()), 60)
        received = 0
        with suppress(ConnectionResetError):
            while part := client.recv(1 << 20):
                received += len(part)
    assert received < size


def held(client: tuple[str, int]) -> bool:
    """Whether a server still has the connection."""
    ends = [(entry.raddr, entry.status) for entry in psutil.net_connections("tcp") if entry.raddr]
    return any(tuple(end) == client and status == psutil.CONN_ESTABLISHED for end, status in ends)


@needs_nginx
def test_plain_http_at_the_secure_port_is_answered_with_a_problem(site: tuple[int, int]) -> None:
    answer = ask(f"127.0.0.1:{site[1]}", b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert (answer.status, answer.kind, answer.json()["status"]) == (400, "application/problem+json", 400)


@needs_nginx
def test_the_metrics_are_not_for_the_world(site: tuple[int, int]) -> None:
    assert get(f"https://127.0.0.1:{site[1]}/metrics").status_code == 404


@needs_nginx
def test_an_address_that_asks_too_much_is_told_so(site: tuple[int, int]) -> None:
    url = f"https://127.0.0.1:{site[1]}/"
    with httpx.Client(verify=False, trust_env=False, timeout=20, headers={"host": nginx_config.DOMAIN}) as client:
        told = [client.get(url).status_code for _ in range(20)]
    assert told[0] == 200 and told[-1] == 429


REFUSED = {
    "the guide is not built": (404, "Not Found", {"path": "/guide/"}),
    "the API is away": (503, "Service Unavailable", {}),
    "the address is too long": (414, "URI Too Long", {"params": {"q": "x" * 60_000}}),
    "the body is too large": (413, "Content Too Large", {"method": "POST", "content": b"x" * 3_000_000}),
    "the headers are too large": (431, "Request Header Fields Too Large", {"headers": {"x-long": "x" * 60_000}}),
}


@needs_nginx
@pytest.mark.parametrize("why", REFUSED)
def test_what_nginx_answers_itself_is_a_problem(local: str, why: str) -> None:
    status, title, request = REFUSED[why]
    url = local + request.get("path", "/api/v1/search")
    rest = {name: value for name, value in request.items() if name != "path"}
    answer = httpx.request(**{"method": "GET", "url": url, "trust_env": False, **rest})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    problem = answer.json()
    assert (problem["status"], problem["title"]) == (status, title)
    assert problem["instance"] == f"urn:uuid:{answer.headers['x-request-id']}"
    assert answer.headers.get("retry-after") == ("2" if status == 503 else None)


@needs_nginx
def test_the_guide_is_served_from_its_folder(local: str, tmp_path: Path) -> None:
    page = tmp_path / "guide" / "how-to" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text("안녕")
    with httpx.Client(trust_env=False) as client:
        assert [client.get(local + path).headers["location"] for path in ("/guide", "/guide/how-to")] == [
            "/guide/",
            "/guide/how-to/",
        ]
        answer = client.get(f"{local}/guide/how-to/")
        assert client.get(f"{local}/guide/../nginx.conf").status_code != 200
    assert (answer.text, answer.headers["content-type"]) == ("안녕", "text/html; charset=utf-8")
    assert "default-src 'self'" in answer.headers["content-security-policy"]


@needs_nginx
def test_browsers_get_a_page_in_both_languages(local: str) -> None:
    answer = httpx.get(local, headers={"accept": "text/html,*/*"}, trust_env=False)
    assert (answer.status_code, answer.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert "서버가 응답하지 않습니다" in answer.text and "the API does not answer; try again" in answer.text


@needs_nginx
def test_only_nginx_shows_its_own_answers(local: str) -> None:
    assert httpx.get(f"{local}/problem.json", trust_env=False).status_code == 404


HOST = b"Host: x\r\nConnection: close\r\n\r\n"
MALFORMED = {
    "no host": (400, b"GET / HTTP/1.1\r\n\r\n"),
    "two hosts": (400, b"GET / HTTP/1.1\r\nHost: a\r\n" + HOST),
    "a host that is none": (400, b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n"),
    "no words at all": (400, b"\xff\xfe\r\n\r\n"),
    "a space in the address": (400, b"GET /a b HTTP/1.1\r\n" + HOST),
    "a control character in the address": (400, b"GET /\x01 HTTP/1.1\r\n" + HOST),
    "an escape that is none": (400, b"GET /%zz HTTP/1.1\r\n" + HOST),
    "a way out of the root": (400, b"GET /../../x HTTP/1.1\r\n" + HOST),
    "a method that is none": (400, "G김T / HTTP/1.1\r\n".encode() + HOST),
    "another version": (505, b"GET / HTTP/3.0\r\n" + HOST),
    "a header that is none": (400, b"GET / HTTP/1.1\r\nx\x00: y\r\n" + HOST),
    "a length that is none": (400, b"POST / HTTP/1.1\r\nContent-Length: x\r\n" + HOST),
    "two lengths": (400, b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n" + HOST),
    "a length and chunks": (400, b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n" + HOST),
    "an unknown transfer coding": (501, b"POST / HTTP/1.1\r\nTransfer-Encoding: x\r\n" + HOST),
    "trace": (405, b"TRACE / HTTP/1.1\r\n" + HOST),
    "a tunnel": (400, b"CONNECT a:1 HTTP/1.1\r\n" + HOST),
    "chunks that are none": (400, b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + HOST + b"zz\r\n"),
}


@needs_nginx
@pytest.mark.parametrize("why", MALFORMED)
def test_what_is_not_http_is_answered_with_a_problem(local: str, why: str) -> None:
    status, request = MALFORMED[why]
    answer = ask(local.removeprefix("http://"), request)
    assert (answer.status, answer.kind, answer.json()["status"]) == (status, "application/problem+json", status)

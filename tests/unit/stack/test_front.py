"""nginx takes what it is told, and what it is told is one text for the stack, the container and the site."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest

from riverline.settings import Api, Settings
from stack import front

nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin")
needs_nginx = pytest.mark.skipif(not (nginx and shutil.which("openssl")), reason="there is no nginx, or no openssl")


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def test_the_committed_files_are_what_is_written() -> None:
    """When this fails: `make units`."""
    assert (front.SITE.read_text(), front.TEMPLATE.read_text()) == (front.site(), front.template())


def test_requests_are_passed_on_alike_everywhere(tmp_path: Path) -> None:
    said = [" ".join(text.split()) for text in (front.local(Settings(), tmp_path), front.site(), front.template())]
    assert all(" ".join(front.PASS_ON.split()) in text for text in said)


@needs_nginx
def test_nginx_takes_the_configuration_of_the_stack(tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir()
    (tmp_path / "nginx.conf").write_text(front.local(Settings(), tmp_path))
    said = subprocess.run([str(nginx), "-t", "-c", str(tmp_path / "nginx.conf")], capture_output=True, text=True)
    assert said.returncode == 0, said.stderr


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[int, int]]:
    """The ports of the site, plain and with TLS, before an API that answers each request."""
    plain, secure, api = free_port(), free_port(), HTTPServer(("127.0.0.1", 0), Answer)
    Thread(target=api.serve_forever, daemon=True).start()
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subject = ["-subj", f"/CN={front.DOMAIN}", "-addext", f"subjectAltName=DNS:{front.DOMAIN}"]
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    subprocess.run([*command, *subject, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    live = f"/etc/letsencrypt/live/{front.DOMAIN}"
    text = front.site().replace(f"{live}/fullchain.pem", str(certificate)).replace(f"{live}/privkey.pem", str(key))
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
    settings = Settings(api=Api(site=address, bind=nobody))
    (tmp_path / "nginx.conf").write_text(front.local(settings, tmp_path))
    process = subprocess.Popen([str(nginx), "-e", "stderr", "-c", str(tmp_path / "nginx.conf")])
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
    return httpx.get(url, headers={"host": front.DOMAIN}, verify=False, trust_env=False, timeout=20)


@needs_nginx
def test_the_site_answers_over_tls_only_and_says_that_it_stays_so(site: tuple[int, int]) -> None:
    plain, secure = site
    sent_on, answered = get(f"http://127.0.0.1:{plain}/search?q=x"), get(f"https://127.0.0.1:{secure}/search?q=x")
    assert (sent_on.status_code, sent_on.headers["location"]) == (308, f"https://{front.DOMAIN}/search?q=x")
    assert (answered.status_code, answered.text) == (200, "https")
    assert answered.headers["strict-transport-security"].startswith("max-age=63072000")


@needs_nginx
def test_the_metrics_are_not_for_the_world(site: tuple[int, int]) -> None:
    assert get(f"https://127.0.0.1:{site[1]}/metrics").status_code == 404


@needs_nginx
def test_an_address_that_asks_too_much_is_told_so(site: tuple[int, int]) -> None:
    url = f"https://127.0.0.1:{site[1]}/"
    with httpx.Client(verify=False, trust_env=False, timeout=20, headers={"host": front.DOMAIN}) as client:
        told = [client.get(url).status_code for _ in range(20)]
    assert told[0] == 200 and told[-1] == 429


REFUSED = {
    "the API is away": (503, "Service Unavailable", {}),
    "the address is too long": (414, "URI Too Long", {"params": {"q": "x" * 40_000}}),
    "the body is too large": (413, "Content Too Large", {"method": "POST", "content": b"x" * 3_000_000}),
    "the headers are too large": (431, "Request Header Fields Too Large", {"headers": {"x-long": "x" * 40_000}}),
}


@needs_nginx
@pytest.mark.parametrize("why", REFUSED)
def test_what_nginx_answers_itself_is_a_problem(local: str, why: str) -> None:
    status, title, request = REFUSED[why]
    answer = httpx.request(**{"method": "GET", "url": f"{local}/api/v1/search", "trust_env": False, **request})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    problem = answer.json()
    assert (problem["status"], problem["title"]) == (status, title)
    assert problem["instance"] == f"urn:uuid:{answer.headers['x-request-id']}"
    assert answer.headers.get("retry-after") == ("2" if status == 503 else None)


@needs_nginx
def test_browsers_get_a_page_in_both_languages(local: str) -> None:
    answer = httpx.get(local, headers={"accept": "text/html,*/*"}, trust_env=False)
    assert (answer.status_code, answer.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert "서버가 답하지 않습니다" in answer.text and "the API does not answer; try again" in answer.text


@needs_nginx
def test_only_nginx_shows_its_own_answers(local: str) -> None:
    assert httpx.get(f"{local}/problem.json", trust_env=False).status_code == 404
